import { isObject, type JsonObject } from "../../json.ts";
import { parsePath } from "../../path.ts";
import { type Diagnostic, type Issue, type Locate, placed } from "../diagnostic.ts";
import { allStates } from "../graph.ts";
import { knownNames } from "../known-names.ts";
import { originOf } from "../origins.ts";
import { explain } from "../schema/finding.ts";
import { fits } from "../schema/fits.ts";
import {
  anyObject,
  joinObjects,
  type ObjectVariant,
  objectsIn,
  type Property,
  type Shape,
  scalar,
  shapeOfValue,
} from "../schema/shape.ts";
import { given, shapeOfSchema } from "../schema/shape-of-schema.ts";
import { isTemplate } from "../template.ts";
import type { AgentState, Definition } from "../types.ts";
import { type AgentSchemas, inputHint, judgeInput } from "./agent-input.ts";
import { runBlock } from "./block.ts";
import { judgeNames, type Said } from "./expression-names.ts";
import type { Flow } from "./flow-types.ts";
import { explainMiss, judgeReads } from "./misses.ts";
import { overlay } from "./overlay.ts";
import { keysOf, readShape, type Scene, sceneAt, type View, viewOf } from "./scene.ts";

/** Units of work (a state looked at, roughly) after which a definition is too large to follow. */
const MAX_WORK = 100_000;
/** More findings are no help to anybody. */
const ENOUGH = 100;

/**
 * Follows data along every path of a workflow (PRD §3.5 level 1): what flows into each agent must satisfy its input
 * schema, and what is read must be there. Whatever is not known is not complained about. `said`: what the evaluator
 * says of the definition's own expressions.
 */
export function checkFlow(
  definition: Definition,
  agents: readonly AgentSchemas[],
  said: readonly Said[],
  locate: Locate,
): readonly Diagnostic[] {
  return placed(flowIssues(definition, agents, said).slice(0, ENOUGH), locate);
}

function flowIssues(
  definition: Definition,
  agents: readonly AgentSchemas[],
  said: readonly Said[],
): readonly Issue[] {
  const saidOf = Map.groupBy(said, ({ expression }) => expression.state);
  const issues: Issue[] = [];
  const known = knownNames(definition);
  const byAlias = agentsByAlias(agents);
  const agentOf = ({ agent }: AgentState) => byAlias.get(agent.trim()) ?? undefined;
  const input = runInput(definition);
  const budget = { left: MAX_WORK };
  const world = { input: [input] satisfies Shape, stateResults: resultPaths(definition) };
  const flow: Flow = {
    world,
    budget,
    agentOf,
    look: (state, pointer, view) => {
      issues.push(...judgeReads(state, pointer, view, known));
      issues.push(...judgeNames(state, view, saidOf.get(state) ?? [], known));
      if (state.type !== "operation" || state.action !== "agent.run") return;
      const schema = agentOf(state)?.inputSchema;
      if (schema) issues.push(...inputIssues(state, pointer, view, schema));
    },
    block: (block, outer, entry, isFinal) => runBlock(flow, block, outer, entry, isFinal),
  };
  const root = { start: definition.start, states: definition.states, pointer: "", isTry: false };
  const entry: Scene = { ...sceneAt([input]), own: input };
  const { end } = flow.block(root, null, entry, true);
  issues.push(...scheduleIssues(definition));
  if (end) issues.push(...outputIssues(definition, viewOf(world, null, end)));
  return budget.left > 0 ? issues : [];
}

/** A spelling that several agents claim belongs to none of them. */
function agentsByAlias(agents: readonly AgentSchemas[]): ReadonlyMap<string, AgentSchemas | null> {
  const byAlias = new Map<string, AgentSchemas | null>();
  for (const agent of agents)
    for (const alias of new Set([...agent.aliases, agent.name]))
      byAlias.set(alias, byAlias.has(alias) ? null : agent);
  return byAlias;
}

function resultPaths(definition: Definition): readonly string[] {
  return [
    ...new Set(
      allStates(definition).flatMap(({ state }) =>
        state.resultPath === undefined ? [] : [keysOf(state.resultPath).join(".")],
      ),
    ),
  ];
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
    ...["_cronTriggeredAt", "_cronExpression", "_cronTimezone"].map(
      (key) => [key, maybe(scalar("string"))] as const,
    ),
  ]);
  return overlay(declared, { type: "object", properties: added, rest: "none", additional: "unknown" });
}

function inputIssues(state: AgentState, pointer: string, view: View, schema: JsonObject): readonly Issue[] {
  return judgeInput(view, state, schema).map((finding): Issue => {
    const hint = inputHint(finding, state, view, schema);
    return {
      code: "SCHEMA_COMPATIBILITY",
      severity: finding.severity,
      path: originOf(state, finding.key, pointer),
      message: `input of agent "${state.agent}" (state "${state.name}"): ${finding.text}`,
      ...(hint !== undefined && { hint }),
      expected: finding.expected,
      actual: finding.actual,
    };
  });
}

/** A schedule's input must satisfy the workflow's schema, or no run will ever start by itself. */
function scheduleIssues({ schedule, inputSchema }: Definition): readonly Issue[] {
  if (!schedule || !inputSchema) return [];
  const input = shapeOfValue(schedule.input ?? {}, (text) =>
    isTemplate(text) ? "unknown" : [{ type: "string", values: [text] }],
  );
  const [object] = input === "unknown" ? [] : objectsIn(input);
  if (!object) return [];
  const path = originOf(schedule, "input", "/schedule");
  return fits([{ ...object, properties: withCronNames(object) }], inputSchema).flatMap(
    (finding): readonly Issue[] =>
      finding.kind === "missing-optional" || finding.pointer.startsWith("/_cron")
        ? []
        : [
            {
              code: "SCHEMA_COMPATIBILITY",
              severity: finding.severity,
              path,
              message: `input of the schedule: ${explain(finding)}`,
              expected: finding.expected,
              actual: finding.actual,
            },
          ],
  );
}

function withCronNames({ properties }: ObjectVariant): ReadonlyMap<string, Property> {
  const names = ["_cronTriggeredAt", "_cronExpression", "_cronTimezone"];
  const text = { shape: scalar("string"), always: true };
  return new Map([...names.map((name) => [name, text] as const), ...properties]);
}

/** What the workflow answers: a path that leads nowhere, or a value that its own schema refuses. */
function outputIssues(definition: Definition, view: View): readonly Issue[] {
  const { output, outputSchema } = definition;
  const path = output === undefined ? null : parsePath(output);
  if (output !== undefined && !path) return [];
  const at = output === undefined ? "" : originOf(definition, "output", "");
  const found = path ? readShape(view, path) : { found: true as const, shape: view.scene.previous };
  if (!found.found) {
    if (!path) return [];
    const severity = found.isCertain ? "error" : "warning";
    const { message, hint } = explainMiss(path, found);
    const more = hint === undefined ? {} : { hint };
    return [{ code: "UNKNOWN_NAME", severity, path: at, message: `"output": ${message}`, ...more }];
  }
  if (!isObject(outputSchema)) return [];
  const wrong = fits(found.shape, outputSchema).filter(({ severity }) => severity === "error");
  return wrong.map((finding) => ({
    code: "SCHEMA_COMPATIBILITY",
    severity: "warning",
    path: originOf(definition, "outputSchema", ""),
    on: "key",
    message: `the workflow's output does not match "outputSchema": ${explain(finding)}`,
    expected: finding.expected,
    actual: finding.actual,
  }));
}
