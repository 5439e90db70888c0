import type { RunEventItem } from "../../http/schemas/runs.ts";
import type { Look } from "../terminal/look.ts";
import { Screen } from "../terminal/screen.ts";
import type { Output } from "../terminal/terminal.ts";
import { eventLine } from "./event-line.ts";
import { drawTree } from "./tree.ts";
import type { RunView } from "./view.ts";

/** Shows a run while it is followed. */
export type Display = {
  event(item: RunEventItem, view: RunView): void;
  /** What was so far is shown; what comes now is news. */
  caughtUp(view: RunView): void;
  /** The connection broke; `null` when it is back. */
  trouble(text: string | null): void;
  finish(view: RunView): void;
};

export type DisplayOptions = {
  readonly output: Output;
  readonly look: Look;
  readonly address: string;
  readonly now: () => number;
  /** Lines below the tree while the run goes on; they take the place of the tree's own hints. */
  readonly extra?: () => readonly string[];
};

const REDRAW_MS = 120;

/** The tree, drawn again in place as things happen and time goes by. */
export function liveTree({ output, look, address, now, extra }: DisplayOptions): Display {
  const screen = new Screen(output);
  let shown: RunView | null = null;
  let trouble: string | null = null;
  let frame = 0;
  const lines = (view: RunView) => [
    ...drawTree(view, {
      look,
      columns: output.columns() - 1,
      now: now(),
      address,
      frame,
      hideHints: extra !== undefined,
    }),
    ...(trouble === null ? [] : ["", look.paint("yellow", trouble)]),
    ...(view.endedAt === null && extra ? extra() : []),
  ];
  let timer: NodeJS.Timeout | undefined;
  const redraw = () => {
    frame++;
    if (shown) screen.draw(lines(shown));
  };
  return {
    event(_item, view) {
      // Before the history is complete a tree would only flicker.
      if (shown) shown = view;
    },
    caughtUp(view) {
      shown = view;
      timer ??= setInterval(redraw, REDRAW_MS);
      screen.draw(lines(view));
    },
    trouble(text) {
      trouble = text;
    },
    finish(view) {
      clearInterval(timer);
      trouble = null;
      if (view.run) screen.finish(lines(view));
    },
  };
}

/** One line per event, for outputs that cannot be drawn over. */
export function eventLines({ output, look }: DisplayOptions): Display {
  let since = 0;
  return {
    event(item) {
      if (item.seq === 1 || since === 0) since = Date.parse(item.at);
      output.write(`${eventLine(item, { look, columns: output.isTty ? output.columns() : 1000, since })}\n`);
    },
    caughtUp() {},
    trouble(text) {
      if (text !== null) output.write(`${text}\n`);
    },
    finish() {},
  };
}

/** Nothing but what goes wrong. */
export function silent({ output }: DisplayOptions): Display {
  return {
    event() {},
    caughtUp() {},
    trouble(text) {
      if (text !== null) output.write(`${text}\n`);
    },
    finish() {},
  };
}
