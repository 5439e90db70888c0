import type { JsonObject, JsonValue } from "../../json.ts";
import { allStates, edgesOf, nestedBlocks } from "../graph.ts";
import type { Block, Definition, State } from "../types.ts";
import { changedFields, type FieldChange } from "./fields.ts";

/** What changed between two versions of a workflow, in the words of the language. */
export type DefinitionDiff = {
  /** Both do the same: at most layout, comments, spelling or the order of the states differ. */
  readonly isEquivalent: boolean;
  /** Of the workflow itself: name, schedule, inputSchema … */
  readonly fields: readonly FieldChange[];
  readonly states: readonly StateChange[];
  readonly transitions: Changes<NamedTransition>;
  readonly agents: Changes<string>;
  readonly approvers: Changes<string>;
};

export type Changes<Value> = { readonly added: readonly Value[]; readonly removed: readonly Value[] };

export type StateChange = {
  /** Where it stands: `diagnostics/pods/check` is state `check` of branch `pods` of state `diagnostics`. */
  readonly state: string;
  readonly type: string;
} & (
  | { readonly change: "added" | "removed" }
  | { readonly change: "changed"; readonly fields: readonly FieldChange[] }
);

export type NamedTransition = {
  readonly from: string;
  /** `null`: the end of its branch. */
  readonly to: string | null;
  readonly on: "done" | "choice" | "failure";
  /** The condition of a switch's arm. */
  readonly when?: string;
};

type Placed = { readonly place: string; readonly prefix: string; readonly state: State };

/** Lays two versions of a workflow side by side; states are the same when they have the same name and place. */
export function diffDefinitions(before: Definition, after: Definition): DefinitionDiff {
  const [old, young] = [placedStates(before.states, ""), placedStates(after.states, "")];
  const diff = {
    fields: changedFields(headOf(before), headOf(after)),
    states: [...removedStates(old, young), ...addedOrChanged(old, young)],
    transitions: changes(old.flatMap(transitionsOf), young.flatMap(transitionsOf)),
    agents: changes(agentsOf(before), agentsOf(after)),
    approvers: changes(approversOf(before), approversOf(after)),
  };
  return { isEquivalent: diff.fields.length === 0 && diff.states.length === 0, ...diff };
}

function removedStates(old: readonly Placed[], young: readonly Placed[]): readonly StateChange[] {
  const there = new Set(young.map(({ place }) => place));
  return old
    .filter(({ place }) => !there.has(place))
    .map(({ place, state }) => ({ state: place, type: typeOf(state), change: "removed" }));
}

function addedOrChanged(old: readonly Placed[], young: readonly Placed[]): readonly StateChange[] {
  const known = new Map(old.map((one) => [one.place, one.state]));
  return young.flatMap(({ place, state }): readonly StateChange[] => {
    const was = known.get(place);
    const type = typeOf(state);
    if (!was) return [{ state: place, type, change: "added" }];
    const fields = changedFields(ownFields(was), ownFields(state));
    return fields.length === 0 ? [] : [{ state: place, type, change: "changed", fields }];
  });
}

/** Every state at every depth. */
function placedStates(states: readonly State[], prefix: string): readonly Placed[] {
  return states.flatMap((state) => {
    const place = `${prefix}${state.name}`;
    const inner = nestedBlocks(state).flatMap(({ block }) =>
      placedStates(block.states, `${place}/${block.name}/`),
    );
    return [{ place, prefix, state }, ...inner];
  });
}

/** The form follows from the rest. */
function headOf(definition: Definition): JsonObject {
  const { states: _, form: __, ...head } = definition;
  return asJson(head);
}

/** A state without the states below it; of its blocks remain their names, starts and results. */
function ownFields(state: State): JsonObject {
  const { name: _, ...rest } = state;
  const fields: Record<string, JsonValue> = { ...asJson(rest) };
  if ("transition" in state) {
    delete fields["transition"];
    Object.assign(fields, state.transition);
  }
  for (const key of ["branches", "iterator", "try", "catch", "finally"]) delete fields[key];
  const blocks = nestedBlocks(state).map(({ block }) => [block.name, headOfBlock(block)] as const);
  return blocks.length === 0 ? fields : { ...fields, blocks: Object.fromEntries(blocks) };
}

function headOfBlock({ states: _, name: __, ...head }: Block): JsonObject {
  return asJson(head);
}

function transitionsOf({ place, prefix, state }: Placed): readonly NamedTransition[] {
  const onward: readonly NamedTransition[] =
    "transition" in state && "end" in state.transition ? [{ from: place, to: null, on: "done" }] : [];
  const edges = edgesOf(state).map(({ target, path, on }): NamedTransition => {
    const index = /^conditions\/(\d+)\//.exec(path)?.[1];
    const when =
      state.type === "switch" && index !== undefined ? state.conditions[Number(index)]?.if : undefined;
    return { from: place, to: `${prefix}${target}`, on, ...(when !== undefined && { when }) };
  });
  return [...edges, ...onward];
}

function typeOf(state: State): string {
  return state.type === "operation" ? state.action : state.type;
}

function agentsOf(definition: Definition): readonly string[] {
  return allStates(definition).flatMap(({ state }) =>
    state.type === "operation" && state.action === "agent.run" ? [state.agent] : [],
  );
}

function approversOf(definition: Definition): readonly string[] {
  return allStates(definition).flatMap(({ state }) =>
    state.type === "operation" && state.action === "human.approval"
      ? [...state.approvers, ...state.escalate.flatMap(({ to }) => to)]
      : [],
  );
}

/** What only one side has, each once. */
function changes<Value>(before: readonly Value[], after: readonly Value[]): Changes<Value> {
  return { added: missing(after, before), removed: missing(before, after) };
}

function missing<Value>(values: readonly Value[], among: readonly Value[]): readonly Value[] {
  const known = new Set(among.map((value) => JSON.stringify(value)));
  const found = new Map(values.map((value) => [JSON.stringify(value), value]));
  return [...found].flatMap(([key, value]) => (known.has(key) ? [] : [value]));
}

function asJson(value: object): JsonObject {
  return JSON.parse(JSON.stringify(value)) as JsonObject;
}
