import { expect, test } from "vitest";
import { follow } from "../../../src/core/definition/flow/follow.ts";
import type { View } from "../../../src/core/definition/flow/scene.ts";
import type { Shape } from "../../../src/core/definition/schema/shape.ts";
import type { Block, Definition, State } from "../../../src/core/definition/types.ts";
import { isList, isObject, type JsonObject, type JsonValue } from "../../../src/core/json.ts";
import { viewOf } from "../../../src/core/run/context.ts";
import { begin, evolve } from "../../../src/core/run/evolve.ts";
import type { ApprovalId } from "../../../src/core/run/ids.ts";
import { isTerminal, type Run } from "../../../src/core/run/run.ts";
import { randomDefinition } from "../../simulation/definitions.ts";
import { Chance } from "../../simulation/random.ts";
import { Drive } from "../../support/drive.ts";
import { person } from "../../support/people.ts";

const RUNS = 500;
/** Beyond those: a place that replaces what stood there, where it is written, was written below. */
const MORE_SEEDS = [3284];
const INPUT: JsonObject = { seed: 7, yes: true, items: [{ a: 1 }, { a: 2, b: "x" }, { a: 3 }] };
const MORE: JsonObject = { shared: { given: 1, deep: { given: 2 } }, trouble: "none" };

const inputSchema: JsonObject = {
  type: "object",
  properties: {
    seed: { type: "integer" },
    yes: { type: "boolean" },
    items: { type: "array", items: { type: "object", properties: { a: { type: "integer" } } } },
  },
  required: ["seed", "yes", "items"],
  additionalProperties: false,
};

const outputSchema: JsonObject = {
  type: "object",
  properties: { by: { type: "string" }, n: { type: "integer" } },
  required: ["by"],
};

/** What the analysis says of each state, by name. */
function knownAt(definition: Definition): ReadonlyMap<string, View> {
  const views = new Map<string, View>();
  const known = { name: "any", aliases: [], outputSchema };
  const { isComplete } = follow(
    definition,
    { agentOf: () => known, calledOf: () => undefined },
    (state, _, view) => views.set(state.name, view),
  );
  if (!isComplete) throw new Error("too large");
  return views;
}

/** Where several states write, at whichever level they are: over one another, and over what is merged there. */
const PLACES = [
  ...["shared", "shared.deep", "shared.deep.by", "item.more", "item", "trouble"],
  ...["steps.shared", "steps.shared.by", "steps.s2", "steps.s5", "steps.s8.by"],
];

/** Adds what the random workflows lack: ways out of a failure, ways back, data that is merged, and written twice. */
function enriched(states: readonly State[], chance: Chance): readonly State[] {
  return states.map((one, index): State => {
    const state = chance.happens(0.3) ? { ...one, resultPath: chance.pick(PLACES) } : one;
    const earlier = states[chance.below(index + 1)]?.name ?? state.name;
    const onward = states[index + 1]?.name;
    const inner = withBlocks(state, (block) => ({ ...block, states: enriched(block.states, chance) }));
    if (inner.type === "switch" && chance.happens(0.6))
      return { ...inner, conditions: [{ if: "yes", next: earlier }, ...inner.conditions] };
    if (inner.type === "inject")
      return { ...inner, data: { ...inner.data, shared: { [state.name]: 1, deep: { by: state.name } } } };
    if (onward === undefined || inner.continueOnError || !chance.happens(0.3)) return inner;
    const resultPath = chance.pick([{}, { resultPath: "trouble" }, { resultPath: "shared.trouble" }]);
    return { ...inner, onError: { next: onward, ...resultPath } };
  });
}

function withBlocks(state: State, change: (block: Block) => Block): State {
  if (state.type === "parallel") return { ...state, branches: state.branches.map(change) };
  if (state.type === "foreach") return { ...state, iterator: change(state.iterator) };
  if (state.type !== "try") return state;
  const { catch: caught, finally: last } = state;
  return {
    ...state,
    try: change(state.try),
    ...(caught && { catch: change(caught) }),
    ...(last && { finally: change(last) }),
  };
}

/** Where a value is not what is known of it; `null` when it is. */
function breaks(value: JsonValue | undefined, shape: Shape, at: string): string | null {
  if (shape === "unknown") return null;
  if (value === undefined) return `${at} is not there`;
  const each = shape.map((variant) => {
    if (variant.type === "object") {
      if (!isObject(value)) return `${at} is no object`;
      for (const [key, property] of variant.properties) {
        if (!Object.hasOwn(value, key) && !property.always) continue;
        const broken = breaks(value[key], property.shape, `${at}.${key}`);
        if (broken !== null) return broken;
      }
      const stranger = Object.keys(value).find((key) => !variant.properties.has(key));
      return variant.rest === "none" && stranger !== undefined ? `${at}.${stranger} is not known` : null;
    }
    if (variant.type === "array") {
      if (!isList(value)) return `${at} is no list`;
      const { first, rest } = variant;
      if (value.length < first.length || (rest === null && value.length > first.length))
        return `${at} has another length`;
      return (
        value
          .map((item, index) => breaks(item, first[index] ?? rest ?? [], `${at}.${index}`))
          .find((broken) => broken !== null) ?? null
      );
    }
    const type = value === null ? "null" : Number.isInteger(value) ? "integer" : typeof value;
    if (type !== variant.type && !(type === "integer" && variant.type === "number"))
      return `${at} is ${JSON.stringify(value)}, not ${variant.type}`;
    return !variant.values || variant.values.some((one) => one === value)
      ? null
      : `${at} is ${JSON.stringify(value)}`;
  });
  return each.includes(null) ? null : (each[0] ?? `${at} is ${JSON.stringify(value)} where nothing can be`);
}

/** Lets a run take its way, with agents that fail now and then and people who reject. */
function play(definition: Definition, input: JsonObject, chance: Chance): Drive {
  const drive = new Drive(definition, {
    input,
    agents: (step) =>
      chance.happens(0.25)
        ? { status: "failed", error: { type: "agent", code: "broke", message: "it broke", retryable: false } }
        : {
            status: "completed",
            simulated: true,
            output: chance.happens(0.5) ? { by: step.state } : { by: step.state, n: 1 },
          },
    evaluate: () => chance.happens(0.5),
  });
  for (let round = 0; round < 200 && !isTerminal(drive.run); round++) {
    drive.settle();
    const open = Object.values(drive.run.approvals).filter(({ status }) => status === "PENDING");
    for (const { id } of open) {
      const decision = chance.happens(0.7) ? "approve" : "reject";
      drive.send(
        {
          type: "decide-approval",
          approvalId: id as ApprovalId,
          decision,
          comment: "because",
          digest: null,
          principal: person("ben"),
        },
        `user:${round}`,
      );
    }
    if (JSON.stringify(drive.run.steps).includes('"signal"'))
      drive.send({ type: "signal", signalId: `s${round}`, name: "go", payload: { round } });
    drive.pass(20_000);
  }
  return drive;
}

test("what is known of every state before a run is true in every run", () => {
  let looked = 0;
  let certain = 0;
  for (const seed of [...Array.from({ length: RUNS }, (_, index) => index + 1), ...MORE_SEEDS]) {
    const chance = new Chance(seed);
    const random = randomDefinition(chance);
    const states = seed % 2 === 0 ? enriched(random.states, chance) : random.states;
    // Where nothing is declared the input may bring what states write to, too.
    const isOpen = seed % 4 === 0;
    const definition: Definition = { ...random, states, ...(!isOpen && { inputSchema }) };
    const known = knownAt(definition);
    const { log } = play(definition, isOpen ? { ...INPUT, ...MORE } : INPUT, chance);
    let run: Run | null = null;
    for (const recorded of log) {
      const { event, at } = recorded;
      if (run && event.type === "state.entered") {
        const [real, view] = [viewOf(run, event.branch, at), known.get(event.state)];
        const where = `seed ${seed}, state ${event.state}:`;
        if (!view) throw new Error(`${where} the run came to a state that cannot be reached`);
        expect([where, breaks(real.context, [view.context], "context")]).toEqual([where, null]);
        expect([where, breaks(real.reserved, [view.reserved], "reserved")]).toEqual([where, null]);
        expect([where, breaks(real.previous, view.scene.previous, "previous")]).toEqual([where, null]);
        looked++;
        if (view.scene.previous !== "unknown") certain++;
      }
      run =
        event.type === "run.created"
          ? begin(definition, { ...recorded, event })
          : run && evolve(run, recorded);
    }
  }
  console.log(
    `${RUNS} random workflows: ${looked} states entered, the value before ${certain} of them was foreseen`,
  );
  expect(looked).toBeGreaterThan(RUNS);
});
