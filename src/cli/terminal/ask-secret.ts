import { CliError, EXIT } from "../errors.ts";
import type { Terminal } from "./terminal.ts";

/** Asks a person on a terminal for something that the screen must not show. Rejects when `signal` aborts. */
export function askSecret(
  { stdin, stderr }: Pick<Terminal, "stdin" | "stderr">,
  question: string,
  signal: AbortSignal,
): Promise<string> {
  stderr.write(question);
  return new Promise((resolve, reject) => {
    let typed = "";
    const end = (finish: () => void) => {
      stop();
      signal.removeEventListener("abort", abort);
      stderr.write("\n");
      finish();
    };
    const abort = () => end(() => reject(new CliError(EXIT.interrupted, "nobody answered")));
    const stop = stdin.onKey((key) => {
      if (key === "\r" || key === "\n" || key === "ctrl-d") end(() => resolve(typed));
      else if (key === "ctrl-c") abort();
      else if (key === "\x7f" || key === "\b") typed = typed.slice(0, -1);
      else if (key === "ctrl-u") typed = "";
      // What writes nothing comes by its name: "up", "delete", "ctrl-a".
      else if ([...key].length === 1 && key !== "\x1b") typed += key;
    });
    signal.addEventListener("abort", abort, { once: true });
  });
}
