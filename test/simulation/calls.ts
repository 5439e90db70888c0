import { isDeepStrictEqual } from "node:util";
import type { Block, Definition, State } from "../../src/core/definition/types.ts";
import { ROOT, type RunId } from "../../src/core/run/ids.ts";
import type { EventView } from "../../src/engine/ports/queries.ts";
import { randomDefinition } from "./definitions.ts";
import type { Chance } from "./random.ts";
import type { World } from "./world.ts";

/** What a step may call. */
export type Callee = { readonly workflow: string; readonly version?: number };

/** Workflows that others call; the later ones call the earlier, and whatever else there is. */
export function calledWorkflows(chance: Chance, others: readonly Callee[]): readonly Definition[] {
  const first = { ...randomDefinition(chance), id: "called0" };
  const callees = [{ workflow: first.id }, ...others];
  const second = { ...withCalls(randomDefinition(chance), chance, callees), id: "called1" };
  return [first, second];
}

/** The same definition, where runs of other workflows do what some agents did. */
export function withCalls(definition: Definition, chance: Chance, called: readonly Callee[]): Definition {
  return { ...definition, states: definition.states.map((state) => calling(state, chance, called)) };
}

function calling(state: State, chance: Chance, called: readonly Callee[]): State {
  const inside = (block: Block): Block => ({
    ...block,
    states: block.states.map((inner) => calling(inner, chance, called)),
  });
  switch (state.type) {
    case "parallel":
      return { ...state, branches: state.branches.map(inside) };
    case "foreach":
      return { ...state, iterator: inside(state.iterator) };
    case "try":
      return {
        ...state,
        try: inside(state.try),
        ...(state.catch && { catch: inside(state.catch) }),
        ...(state.finally && { finally: inside(state.finally) }),
      };
    case "operation": {
      if (state.action !== "agent.run" || !chance.happens(0.3)) return state;
      const { agent: _, task: __, variables: ___, timeoutSeconds: ____, ...rest } = state;
      return {
        ...rest,
        action: "workflow.run",
        ...chance.pick(called),
        variables: { seed: "{{ input.seed }}", items: [1] },
        ...(chance.happens(0.3) && { timeoutSeconds: 1 + chance.below(2000) }),
      };
    }
    case "switch":
    case "inject":
    case "transform":
    case "timer":
    case "signal":
      return state;
  }
}

/** The runs that steps have called and others have asked for, with their definitions. */
export async function furtherRuns({ further, store }: World): Promise<ReadonlyMap<RunId, Definition>> {
  const found = new Map<RunId, Definition>();
  for (const runId of further) {
    const loaded = await store.runs.load(runId, ROOT);
    if (loaded) found.set(runId, loaded.run.definition);
  }
  return found;
}

/**
 * A call has one run at most, which knows who called it; a step has succeeded with what the run it called last has
 * answered, and every called run was called. `purged`: runs whose answers are not known any more.
 */
export function checkCalls(
  histories: ReadonlyMap<RunId, readonly EventView[]>,
  purged: ReadonlySet<RunId>,
): void {
  const calls = new Set<RunId>();
  for (const [runId, events] of histories) {
    const last = new Map<string, RunId>();
    for (const { event } of events) {
      if (event.type === "step.called") {
        if (calls.has(event.runId)) throw new Error(`${runId}: ${event.runId} was called twice`);
        calls.add(event.runId);
        last.set(event.stepId, event.runId);
        const [created] = histories.get(event.runId) ?? [];
        if (created?.event.type !== "run.created") continue;
        const { stepId, attempt } = event;
        const { calledBy } = created.event;
        const isMine =
          calledBy?.runId === runId && calledBy.stepId === stepId && calledBy.attempt === attempt;
        if (!isMine) throw new Error(`${event.runId} says it was called by ${JSON.stringify(calledBy)}`);
      }
      if (event.type !== "step.succeeded") continue;
      const called = last.get(event.stepId);
      if (called === undefined || purged.has(called) || purged.has(runId)) continue;
      const end = histories.get(called)?.at(-1)?.event;
      if (end?.type !== "run.completed" || !isDeepStrictEqual(end.output, event.output))
        throw new Error(`${runId}: ${event.state} has succeeded, and ${called} ends with ${end?.type}`);
    }
  }
  for (const [runId, [created]] of histories)
    if (created?.event.type === "run.created" && created.event.calledBy && !calls.has(runId))
      throw new Error(`${runId} was called by nobody`);
}
