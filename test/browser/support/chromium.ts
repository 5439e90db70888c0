import { existsSync } from "node:fs";

const WITH_WINDOWS = "/usr/bin/chromium";
/** It has no window that it would have to keep, and takes two thirds of the time. */
const WITHOUT = "/usr/bin/chromium-headless-shell";

/** As Debian's packages install it; another one by `CHROMIUM`. */
export const chromiumPath = process.env["CHROMIUM"] ?? (existsSync(WITHOUT) ? WITHOUT : WITH_WINDOWS);

/** One that can show something outside of its pages. */
export const windowedPath = WITH_WINDOWS;
