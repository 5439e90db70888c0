import type { JsonObject } from "../../json.ts";
import { calledFinder, type KnownWorkflow } from "../calls.ts";
import { type Diagnostic, type Issue, type Locate, placed } from "../diagnostic.ts";
import { knownNames } from "../known-names.ts";
import { originOf } from "../origins.ts";
import type { AgentState, Definition } from "../types.ts";
import { type AgentSchemas, inputHint, judgeInput } from "./agent-input.ts";
import { callIssues } from "./call-input.ts";
import { outputIssues, scheduleIssues } from "./ends.ts";
import { judgeNames, type Said } from "./expression-names.ts";
import { agentFinder, follow } from "./follow.ts";
import { judgeReads } from "./misses.ts";
import type { View } from "./scene.ts";

/** More findings are no help to anybody. */
const ENOUGH = 100;

/**
 * Checks the data of a workflow along every path (PRD §3.5 level 1): what flows into each agent must satisfy its
 * input schema, and what is read must be there. Whatever is not known is not complained about; a definition that is too
 * large is warned of. `said`: what the evaluator says of the definition's own expressions.
 */
export function checkFlow(
  definition: Definition,
  agents: readonly AgentSchemas[],
  said: readonly Said[],
  locate: Locate,
  workflows: readonly KnownWorkflow[] = [],
): readonly Diagnostic[] {
  return placed(flowIssues(definition, agents, said, workflows).slice(0, ENOUGH), locate);
}

function flowIssues(
  definition: Definition,
  agents: readonly AgentSchemas[],
  said: readonly Said[],
  workflows: readonly KnownWorkflow[],
): readonly Issue[] {
  const saidOf = Map.groupBy(said, ({ expression }) => expression.state);
  const issues: Issue[] = [];
  const known = knownNames(definition);
  const agentOf = agentFinder(agents);
  const calledOf = calledFinder(definition, workflows);
  const { end, isComplete } = follow(definition, { agentOf, calledOf }, (state, pointer, view) => {
    issues.push(...judgeReads(state, pointer, view, known));
    issues.push(...judgeNames(state, view, saidOf.get(state) ?? [], known));
    if (state.type !== "operation") return;
    if (state.action === "workflow.run") issues.push(...callIssues(state, pointer, view, calledOf(state)));
    if (state.action !== "agent.run") return;
    const schema = agentOf(state)?.inputSchema;
    if (schema) issues.push(...inputIssues(state, pointer, view, schema));
  });
  if (!isComplete) return [notFollowed(definition)];
  return [...issues, ...scheduleIssues(definition), ...(end ? outputIssues(definition, end) : [])];
}

function notFollowed(definition: Definition): Issue {
  return {
    code: "TOO_LARGE",
    severity: "warning",
    path: originOf(definition, "states", ""),
    on: "key",
    message:
      "the workflow is too large to follow its data: what its agents get and what it reads is not checked",
    hint: 'move parts of it into workflows of their own and call them with "workflow.run"',
  };
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
