import type { Terminal } from "./terminal.ts";
import { textWidth } from "./text.ts";

export type MemoryTerminal = Terminal & {
  /** What was written so far. */
  out(): string;
  err(): string;
  /** What a screen would show of stderr or stdout: redraws in place have replaced what they drew over. */
  screen(output: "stdout" | "stderr"): string;
  press(key: string): void;
};

export type MemoryOptions = {
  readonly isTty?: boolean;
  readonly columns?: number;
  readonly rows?: number;
  readonly env?: Terminal["env"];
  /** What is piped in; what a person answers when asked. */
  readonly input?: string;
  /** What a person answers to one question after the other, before `input`. */
  readonly answers?: readonly string[];
};

/** A terminal in memory, for tests. */
export function memoryTerminal(options: MemoryOptions = {}): MemoryTerminal {
  const { isTty = false, columns = 80, rows = 50, env = {}, input = "", answers = [] } = options;
  const ahead = [...answers];
  const written = { stdout: "", stderr: "" };
  const listeners = new Set<(key: string) => void>();
  const output = (name: "stdout" | "stderr") => ({
    write(text: string) {
      written[name] += text;
    },
    isTty,
    columns: () => columns,
    rows: () => rows,
  });
  return {
    stdout: output("stdout"),
    stderr: output("stderr"),
    stdin: {
      isTty,
      readAll: async () => new TextEncoder().encode(input),
      ask: async (question) => {
        written.stderr += question;
        return ahead.shift() ?? input;
      },
      onKey(listener) {
        listeners.add(listener);
        return () => listeners.delete(listener);
      },
    },
    env,
    out: () => written.stdout,
    err: () => written.stderr,
    screen: (name) => replayed(written[name], columns),
    press(key) {
      for (const listener of listeners) listener(key);
    },
  };
}

const ESC = String.fromCharCode(27);
const MOVES = new RegExp(`(${ESC}\\[\\d+A\\r${ESC}\\[J|\\n)`);

/** Follows the two movements a `Screen` makes: up so many rows, and clear to the end. */
function replayed(text: string, columns: number): string {
  const lines = [""];
  const plain = text.replaceAll("\x1b[?25l", "").replaceAll("\x1b[?25h", "");
  for (const part of plain.split(MOVES)) {
    if (part === "\n") lines.push("");
    else if (part.startsWith("\x1b[") && part.endsWith("\x1b[J")) {
      lines.pop();
      for (let up = Number(part.slice(2, part.indexOf("A"))); up > 0; )
        up -= Math.max(1, Math.ceil(textWidth(lines.pop() ?? "") / columns));
      lines.push("");
    } else lines[lines.length - 1] += part;
  }
  return lines.join("\n");
}
