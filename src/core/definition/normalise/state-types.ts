import type { Action, StateType } from "../types.ts";

/** What a spelling of a type stands for. */
export type Spelling = { readonly type: StateType; readonly action?: Action };

/** Every spelling of a state's type. */
export const STATE_TYPES: Readonly<Record<string, Spelling>> = {
  operation: { type: "operation" },
  agent: { type: "operation", action: "agent.run" },
  human_approval: { type: "operation", action: "human.approval" },
  approval: { type: "operation", action: "human.approval" },
  workflow: { type: "operation", action: "workflow.run" },
  switch: { type: "switch" },
  parallel: { type: "parallel" },
  inject: { type: "inject" },
  set: { type: "inject" },
  context: { type: "inject" },
  foreach: { type: "foreach" },
  for: { type: "foreach" },
  loop: { type: "foreach" },
  transform: { type: "transform" },
  timer: { type: "timer" },
  sleep: { type: "timer" },
  delay: { type: "timer" },
  wait: { type: "timer" },
  signal: { type: "signal" },
  await: { type: "signal" },
  "await.signal": { type: "signal" },
  try: { type: "try" },
  try_catch: { type: "try" },
};
