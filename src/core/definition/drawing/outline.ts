import { edgesOf, nestedBlocks, statesByName } from "../graph.ts";
import type { Block, Definition, State } from "../types.ts";
import { arrowsOf, detailOf } from "./words.ts";

/** A line of a drawn workflow: what leads to it, a state or a way out of one, and what is worth saying of it. */
export type OutlineLine = {
  /** Lines that come from above, drawn with `│ ├─ └─`. */
  readonly rail: string;
  readonly kind: "state" | "way" | "jump" | "end";
  readonly text: string;
  readonly detail: string;
};

/**
 * A workflow as an indented outline in the order of its flow. Ways that meet again go on below where they parted; a way
 * to a state that stands elsewhere is a jump. Every state that can be reached stands there once.
 */
export function outlineOf(definition: Definition): readonly OutlineLine[] {
  return outlineOfList({ start: definition.start, states: definition.states }, "", true);
}

type List = Pick<Block, "start" | "states">;

type Drawing = {
  readonly byName: ReadonlyMap<string, State>;
  readonly drawn: Set<string>;
  readonly lines: OutlineLine[];
  readonly isRoot: boolean;
};

function outlineOfList(list: List, rail: string, isRoot: boolean): readonly OutlineLine[] {
  const drawing: Drawing = { byName: statesByName(list.states), drawn: new Set(), lines: [], isRoot };
  follow(drawing, list.start, null, rail);
  return drawing.lines;
}

/** Draws from a state on, until the end, a state that is drawn already, or `until`, which others draw. */
function follow(drawing: Drawing, from: string, until: string | null, rail: string): void {
  const { byName, drawn, lines } = drawing;
  let name: string | null = from;
  while (name !== null) {
    const state = byName.get(name);
    if (!state || drawn.has(name) || name === until) {
      lines.push({ rail, kind: "jump", text: name, detail: "" });
      return;
    }
    drawn.add(name);
    lines.push({ rail, kind: "state", text: name, detail: detailOf(state) });
    for (const { block } of nestedBlocks(state)) {
      lines.push({ rail: `${rail}├─ `, kind: "way", text: block.name, detail: "" });
      lines.push(...outlineOfList(block, `${rail}│  `, false));
    }
    name = onward(drawing, state, until, rail);
  }
}

/** Draws the ways out of a state; the state that all of them come to, or `null` when nothing is left to draw. */
function onward(drawing: Drawing, state: State, until: string | null, rail: string): string | null {
  const { byName, drawn, lines, isRoot } = drawing;
  const next = "transition" in state && "next" in state.transition ? state.transition.next : null;
  const ways = arrowsOf(state);
  const meeting =
    next ??
    meetingPoint(
      byName,
      ways.map(({ target }) => target),
      drawn,
      until,
    );
  const isLast = (index: number) => index === ways.length - 1 && meeting === null;
  for (const [index, { label, target }] of ways.entries()) {
    const open = target !== meeting && target !== until && !drawn.has(target);
    lines.push({
      rail: `${rail}${isLast(index) ? "└─ " : "├─ "}`,
      kind: "way",
      text: label,
      detail: open ? "" : target,
    });
    if (open) follow(drawing, target, meeting ?? until, `${rail}${isLast(index) ? "   " : "│  "}`);
  }
  if (meeting !== null) return meeting;
  if (ways.length === 0 && isRoot) lines.push({ rail, kind: "end", text: "end", detail: "" });
  return null;
}

/** The nearest state that every way that is still open comes to; `null` when they go apart for good. */
function meetingPoint(
  byName: ReadonlyMap<string, State>,
  targets: readonly string[],
  drawn: ReadonlySet<string>,
  until: string | null,
): string | null {
  const open = [...new Set(targets)].filter((target) => !drawn.has(target) && target !== until);
  if (open.length < 2) return null;
  const [first = [], ...others] = open.map((target) => reachableFrom(byName, target, drawn, until));
  return first.find((name) => others.every((reached) => reached.includes(name))) ?? null;
}

/** The states that can be reached from one, the nearest first. */
function reachableFrom(
  byName: ReadonlyMap<string, State>,
  from: string,
  drawn: ReadonlySet<string>,
  until: string | null,
): readonly string[] {
  const found = [from];
  for (const name of found) {
    const state = byName.get(name);
    for (const { target } of state ? edgesOf(state) : [])
      if (!found.includes(target) && !drawn.has(target) && target !== until) found.push(target);
  }
  return found;
}
