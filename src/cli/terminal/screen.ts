import type { Output } from "./terminal.ts";
import { textWidth } from "./text.ts";

const HIDE_CURSOR = "\x1b[?25l";
const SHOW_CURSOR = "\x1b[?25h";

/** Some lines at the end of a terminal that are drawn again in place. */
export class Screen {
  readonly #output: Output;
  /** What stands on the terminal and may be drawn over. */
  #shown: readonly string[] = [];

  constructor(output: Output) {
    this.#output = output;
  }

  /** Replaces what was drawn before. Of more lines than the terminal has, the last ones are shown. */
  draw(lines: readonly string[]): void {
    const shown = this.#lastOf(lines);
    if (shown.join("\n") === this.#shown.join("\n")) return;
    const hide = this.#shown.length === 0 ? HIDE_CURSOR : "";
    this.#output.write(`${hide}${this.#back()}${shown.join("\n")}\n`);
    this.#shown = shown;
  }

  /** Leaves the lines as they are, all of them, and gives the terminal back. */
  finish(lines: readonly string[]): void {
    this.#output.write(`${this.#back()}${lines.join("\n")}\n${SHOW_CURSOR}`);
    this.#shown = [];
  }

  #lastOf(lines: readonly string[]): readonly string[] {
    const room = Math.max(2, this.#output.rows() - 1);
    if (this.#height(lines) <= room) return lines;
    let first = lines.length;
    let used = 1;
    for (; first > 0; first--) {
      used += this.#height(lines.slice(first - 1, first));
      if (used > room) break;
    }
    return [`  (${first} lines above)`, ...lines.slice(first)];
  }

  #back(): string {
    const height = this.#height(this.#shown);
    return height === 0 ? "" : `\x1b[${height}A\r\x1b[J`;
  }

  /** A line that is too long goes on below, and counts there. */
  #height(lines: readonly string[]): number {
    const columns = Math.max(1, this.#output.columns());
    return lines.reduce((sum, line) => sum + Math.max(1, Math.ceil(textWidth(line) / columns)), 0);
  }
}
