import type { Found } from "./fields.ts";

export type Action = "agent.run" | "human.approval";

/** What an operation can do. */
export const ACTIONS: readonly Action[] = ["agent.run", "human.approval"];

/** True where `task` says what an operation does instead of what is to be done (PRD §3.4). */
export function isMarker(found: Found | null): boolean {
  return ["agent.run", "human.approval", "workflow.run"].some((marker) => marker === found?.value);
}
