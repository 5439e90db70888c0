import { spawn } from "node:child_process";
import type { OpenBrowser } from "../cli/deps.ts";
import type { Environment } from "./environment-reader.ts";

/** What ends later than this was the browser itself, which somebody closed. */
const OPENER_MS = 5000;

/** Opens addresses with what the platform has for it, in a process that ours does not wait for. */
export function browserOpener(env: Environment, platform: NodeJS.Platform = process.platform): OpenBrowser {
  return (url, failed) => {
    if (platform === "linux" && !hasDisplay(env)) return;
    const [command, ...args] = openerOf(platform);
    const opener = spawn(command, [...args, url], { env, detached: true, stdio: "ignore" });
    const ended = (code: number | null) => {
      if (code !== 0) failed(`${command} ended with ${code}`);
    };
    opener.once("exit", ended);
    opener.once("error", (error: NodeJS.ErrnoException) => {
      opener.off("exit", ended);
      failed(error.code === "ENOENT" ? `there is no ${command}` : error.message);
    });
    setTimeout(() => opener.off("exit", ended), OPENER_MS).unref();
    opener.unref();
  };
}

/** Without one xdg-open would start a browser in the terminal. */
function hasDisplay({ DISPLAY, WAYLAND_DISPLAY, BROWSER }: Environment): boolean {
  return Boolean(DISPLAY || WAYLAND_DISPLAY || BROWSER);
}

function openerOf(platform: NodeJS.Platform): readonly [string, ...string[]] {
  if (platform === "darwin") return ["open"];
  // The first text in quotes would be taken for the window's title.
  if (platform === "win32") return ["cmd", "/c", "start", ""];
  return ["xdg-open"];
}
