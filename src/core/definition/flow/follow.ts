import { stateResultsOf } from "../../run/context.ts";
import { TICK_NAMES } from "../../schedule/tick-names.ts";
import {
  anyObject,
  emptyObject,
  joinObjects,
  type ObjectVariant,
  objectsIn,
  type Property,
  type Shape,
  scalar,
} from "../schema/shape.ts";
import { given, shapeOfSchema } from "../schema/shape-of-schema.ts";
import type { AgentState, Definition } from "../types.ts";
import type { AgentSchemas } from "./agent-input.ts";
import { runBlock } from "./block.ts";
import type { Flow } from "./flow-types.ts";
import { overlay } from "./overlay.ts";
import { type Scene, sceneAt, type View, viewOf } from "./scene.ts";

/** Units of work (a state looked at, roughly) after which a definition is too large to follow. */
const MAX_WORK = 100_000;

/**
 * Follows data along every path of a workflow. `look` is called once for every state that can be reached, with all
 * that is known there, `pass` for every way between them. Returns what is known when the run ends well (`null`: it never does), or that the definition
 * was too large and what was seen means nothing.
 */
export function follow(
  definition: Definition,
  { agentOf, calledOf }: Pick<Flow, "agentOf" | "calledOf">,
  look: Flow["look"],
  pass: Flow["pass"] = null,
): { readonly end: View | null; readonly isComplete: boolean } {
  const input = runInput(definition);
  const budget = { left: MAX_WORK };
  const shape: Shape = [input];
  const world = { input: shape, stateResults: stateResultsOf(definition) };
  const flow: Flow = {
    world,
    budget,
    agentOf,
    calledOf,
    look,
    pass,
    block: (block, outer, entry, isFinal) => runBlock(flow, block, outer, entry, isFinal),
  };
  const root = { start: definition.start, states: definition.states, pointer: "", isTry: false };
  const entry: Scene = { ...sceneAt(shape), own: withoutSteps(input) };
  const { end } = flow.block(root, null, entry, true);
  return { end: end && viewOf(world, null, end), isComplete: budget.left > 0 };
}

/** Finds the agent of a step; a spelling that several agents claim belongs to none of them. */
export function agentFinder(agents: readonly AgentSchemas[]): Flow["agentOf"] {
  const byAlias = new Map<string, AgentSchemas | null>();
  for (const agent of agents)
    for (const alias of new Set([...agent.aliases, agent.name]))
      byAlias.set(alias, byAlias.has(alias) ? null : agent);
  return ({ agent }: AgentState) => byAlias.get(agent.trim()) ?? undefined;
}

/** What a run starts with: what its schema says, and what a schedule adds. */
function runInput({ inputSchema, schedule }: Definition): ObjectVariant {
  const shape = inputSchema ? shapeOfSchema(inputSchema, given) : "unknown";
  const [first = anyObject, ...others] = shape === "unknown" ? [] : objectsIn(shape);
  const declared = others.reduce(joinObjects, first);
  if (!schedule) return declared;
  const maybe = (below: Shape): Property => ({ shape: below, always: false });
  const added = new Map([
    ...Object.keys(schedule.input ?? {}).map((key) => [key, maybe("unknown")] as const),
    ...TICK_NAMES.map((key) => [key, maybe(scalar("string"))] as const),
  ]);
  return overlay(declared, { type: "object", properties: added, rest: "none", additional: "unknown" });
}

/** Nobody sends `steps` with the input, unless the workflow says so. */
function withoutSteps(input: ObjectVariant): ObjectVariant {
  if (input.properties.has("steps")) return input;
  const steps: Property = { shape: [emptyObject], always: false };
  return { ...input, properties: new Map([...input.properties, ["steps", steps]]) };
}
