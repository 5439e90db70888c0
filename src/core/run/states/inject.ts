import type { InjectState } from "../../definition/types.ts";
import { isObject } from "../../json.ts";
import { viewOf } from "../context.ts";
import type { BranchPath } from "../ids.ts";
import { failEntry, passThrough, place } from "../moves.ts";
import { render } from "../render.ts";
import type { Turn } from "../turn.ts";

/** Writes data into the context: at `resultPath`, else merged into its root. */
export function enterInject(turn: Turn, path: BranchPath, state: InjectState): void {
  const view = viewOf(turn.run, path, turn.now);
  const key = `input:${place(turn, path, state).stepId}`;
  const data = render(turn, key, `data of "${state.name}"`, state.data, view);
  if (!data.ok) {
    failEntry(turn, path, state, data.error);
    return;
  }
  const merge = state.resultPath === undefined && isObject(data.value) ? { merge: data.value } : {};
  passThrough(turn, path, state, data.value, state.transition, merge);
}
