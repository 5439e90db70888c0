import { type Diagnostic, type Issue, type Locate, placed } from "./diagnostic.ts";
import { allStates } from "./graph.ts";
import { originOf } from "./origins.ts";
import { didYouMean } from "./suggest.ts";
import { isTemplate } from "./template.ts";
import type { CallState, Definition } from "./types.ts";

/** What must be known of a workflow to check a call of it. */
export type KnownWorkflow = Pick<Definition, "id" | "inputSchema" | "outputSchema">;

/** A state that runs another workflow, with its canonical pointer. */
export type PlacedCall = { readonly state: CallState; readonly pointer: string };

const known = new WeakMap<Definition, readonly PlacedCall[]>();

/** The states of a definition, at every depth, that run other workflows. */
export function callsIn(definition: Definition): readonly PlacedCall[] {
  let calls = known.get(definition);
  if (!calls) {
    calls = allStates(definition).flatMap(({ state, pointer }) =>
      state.type === "operation" && state.action === "workflow.run" ? [{ state, pointer }] : [],
    );
    known.set(definition, calls);
  }
  return calls;
}

/** Finds the workflow that a state calls, itself included; of a pinned version nothing is known. */
export function calledFinder(
  definition: Definition,
  workflows: readonly KnownWorkflow[],
): (state: CallState) => KnownWorkflow | undefined {
  const byId = new Map([...workflows, definition].map((workflow) => [workflow.id, workflow]));
  return ({ workflow, version }) => (version === undefined ? byId.get(workflow) : undefined);
}

/** Says which called workflows the environment does not have: they may still come, but until then every call fails. */
export function checkCalls(
  definition: Definition,
  environment: string,
  workflows: readonly KnownWorkflow[],
  locate: Locate,
): readonly Diagnostic[] {
  const ids = new Set([...workflows.map(({ id }) => id), definition.id]);
  const issues = callsIn(definition).flatMap(({ state, pointer }): readonly Issue[] => {
    const { workflow } = state;
    if (ids.has(workflow) || isTemplate(workflow)) return [];
    return [
      {
        code: "WORKFLOW_NOT_FOUND",
        severity: "warning",
        path: originOf(state, "workflow", pointer),
        message: `workflow not found: "${workflow}" in environment "${environment}" (state "${state.name}")`,
        actual: workflow,
        hint: didYouMean(workflow, ids) ?? "the step fails until there is one of this name",
      },
    ];
  });
  return placed(issues, locate);
}
