/** Debian's browser; another one by `CHROMIUM`. */
export const chromiumPath = process.env["CHROMIUM"] ?? "/usr/bin/chromium";
