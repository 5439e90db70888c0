import type { Action } from "../types.ts";
import type { Found } from "./fields.ts";

/** What an operation can do. */
export const ACTIONS: readonly Action[] = ["agent.run", "human.approval", "workflow.run"];

/** True where `task` says what an operation does instead of what is to be done (PRD §3.4). */
export function isMarker(found: Found | null): boolean {
  return ACTIONS.some((marker) => marker === found?.value);
}
