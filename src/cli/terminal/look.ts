import { styleText } from "node:util";
import type { ShownStatus } from "../../core/view/status.ts";
import { STATUS } from "./status.ts";
import type { Output, Terminal } from "./terminal.ts";

export type Style = "bold" | "dim" | "red" | "green" | "yellow" | "blue" | "magenta" | "cyan";
export type ColorChoice = "auto" | "always" | "never";

/** How one output draws: with colours or without, with symbols or in ASCII. */
export type Look = {
  readonly color: boolean;
  readonly unicode: boolean;
  readonly ellipsis: string;
  paint(style: Style | readonly Style[], text: string): string;
  /** The sign of a status in its colour; `frame` turns the one of a running step. */
  glyph(status: ShownStatus, frame?: number): string;
  /** Our own typographic signs as this output can show them. */
  typeset(text: string): string;
};

/** What an output can show, from its environment and what the person chose. */
export function lookOf(
  terminal: Pick<Terminal, "env">,
  output: Pick<Output, "isTty">,
  choice: ColorChoice,
): Look {
  const color = choice === "always" || (choice === "auto" && wantsColor(terminal.env, output.isTty));
  return makeLook(color, showsUnicode(terminal.env));
}

/** A look by its two properties. */
export function makeLook(color: boolean, unicode: boolean): Look {
  const paint = (style: Style | readonly Style[], text: string) =>
    color && text !== "" ? styleText([style].flat() as Style[], text, { validateStream: false }) : text;
  return {
    color,
    unicode,
    ellipsis: unicode ? "…" : "..",
    paint,
    glyph(status, frame) {
      const { glyph, ascii, style } = STATUS[status];
      return paint(
        style,
        status === "RUNNING" && frame !== undefined ? turning(unicode, frame) : unicode ? glyph : ascii,
      );
    },
    typeset: (text) => (unicode ? text : text.replace(/[^\p{ASCII}]/gu, (sign) => ASCII[sign] ?? sign)),
  };
}

/** NO_COLOR wins over FORCE_COLOR (no-color.org); a dumb terminal has none. */
function wantsColor(env: Terminal["env"], isTty: boolean): boolean {
  if (env["NO_COLOR"]) return false;
  const force = env["FORCE_COLOR"];
  if (force !== undefined) return force !== "0" && force !== "false";
  return isTty && env["TERM"] !== "dumb";
}

/** A locale that names another character set cannot show our signs; most machines without any can. */
function showsUnicode(env: Terminal["env"]): boolean {
  const locale = env["LC_ALL"] || env["LC_CTYPE"] || env["LANG"];
  if (locale) return /utf-?8/i.test(locale);
  return env["TERM"] !== "dumb" && env["TERM"] !== "linux";
}

function turning(unicode: boolean, frame: number): string {
  const frames = unicode ? ["◐", "◓", "◑", "◒"] : ["|", "/", "-", "\\"];
  return frames[frame % frames.length] ?? "";
}

const ASCII: Readonly<Record<string, string>> = {
  "–": "-",
  "—": "-",
  "…": "..",
  "→": "->",
  "×": "x",
  "·": "-",
  "›": ">",
  "“": '"',
  "”": '"',
  "↳": "->",
  "│": "|",
  "─": "-",
  "├": "|",
  "└": "`",
  "●": "*",
  "○": "o",
};
