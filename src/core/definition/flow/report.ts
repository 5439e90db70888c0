import { calledFinder, type KnownWorkflow } from "../calls.ts";
import type { Issue, Locate } from "../diagnostic.ts";
import { nestedBlocks } from "../graph.ts";
import { type KnownNames, knownNames } from "../known-names.ts";
import { originOf } from "../origins.ts";
import { explain } from "../schema/finding.ts";
import { given, shapeOfSchema } from "../schema/shape-of-schema.ts";
import { sketch } from "../schema/sketch.ts";
import { isTemplate, templatesIn } from "../template.ts";
import { pathsOfState } from "../texts.ts";
import type { CallState, Definition, State } from "../types.ts";
import { type AgentSchemas, judgeInput, undecidedInput } from "./agent-input.ts";
import { callIssues } from "./call-input.ts";
import { outputIssues } from "./ends.ts";
import { judgeNames, type Said } from "./expression-names.ts";
import type { Passage } from "./flow-types.ts";
import { agentFinder, follow } from "./follow.ts";
import { judgeReads } from "./misses.ts";
import { readShape, type View } from "./scene.ts";

/** How the data of a workflow flows, way by way. */
export type FlowReport = {
  readonly edges: readonly DataEdge[];
  /** False for a definition that is too large to be followed to its end. */
  readonly isComplete: boolean;
};

/** What comes to a state on one way into it, and what the state makes of it. */
export type DataEdge = {
  /** The branch, iteration or block it is in, as `diagnostics/errors`; `null` for the workflow itself. */
  readonly within: string | null;
  /** `null`: what the workflow or the block begins with. */
  readonly from: string | null;
  /** `null`: the workflow's own output. */
  readonly to: string | null;
  /** The line of what takes the data. */
  readonly line: number;
  /** What the state before hands on, and what this one asks for: `{pods: [{name: string}], note?: string}`. */
  readonly gives: string;
  readonly needs: string;
  readonly verdict: Verdict;
  /** Why, and what is worth knowing of a way that is compatible. */
  readonly reasons: readonly string[];
};

/** PRD §9.1: certain to fit, certain to break, or only the run will tell. */
export type Verdict = "compatible" | "cannot-tell" | "incompatible";

/** More ways are no help to anybody. */
const ENOUGH = 2000;

type Judgement = Pick<DataEdge, "needs" | "verdict" | "reasons">;

/** Judges every way that data takes, each on its own, as `checkFlow` judges what comes to a state on all of them. */
export function reportFlow(
  definition: Definition,
  agents: readonly AgentSchemas[],
  said: readonly Said[],
  locate: Locate,
  workflows: readonly KnownWorkflow[] = [],
): FlowReport {
  const known = knownNames(definition);
  const agentOf = agentFinder(agents);
  const calledOf = calledFinder(definition, workflows);
  const saidOf = Map.groupBy(said, ({ expression }) => expression.state);
  const names = namesOfLists(definition);
  const edges: DataEdge[] = [];
  const { isComplete } = follow(
    definition,
    { agentOf, calledOf },
    () => {},
    ({ from, to, list, pointer, view }: Passage) => {
      if (to === null && list !== "") return;
      const judged = to
        ? judge(to, pointer, view, { agentOf, calledOf, known, said: saidOf.get(to) ?? [] })
        : judgeEnd(definition, view);
      if (!judged) return;
      edges.push({
        within: names.get(list) ?? null,
        from: from?.name ?? null,
        to: to?.name ?? null,
        line: locate(to ? originOf(to, "name", pointer) : originOf(definition, "output", "")).line,
        gives: sketch(to ? view.scene.previous : view.scene.last),
        ...judged,
      });
    },
  );
  return { edges: edges.slice(0, ENOUGH), isComplete: isComplete && edges.length <= ENOUGH };
}

type Knowledge = {
  readonly agentOf: ReturnType<typeof agentFinder>;
  readonly calledOf: ReturnType<typeof calledFinder>;
  readonly known: KnownNames;
  readonly said: readonly Said[];
};

function judge(state: State, pointer: string, view: View, knowledge: Knowledge): Judgement {
  const { agentOf, calledOf, known, said } = knowledge;
  const issues = [...judgeReads(state, pointer, view, known), ...judgeNames(state, view, said, known)];
  const reads = readsOf(state, pointer, view, said);
  if (state.type === "operation" && state.action === "workflow.run")
    return judgeCall(state, pointer, view, calledOf(state), { issues, open: reads.open });
  if (state.type !== "operation" || state.action !== "agent.run")
    return judgement(reads.needs, issues, reads.open);
  if (templatesIn(state.agent).length > 0)
    return judgement("only the run knows which agent", issues, [
      "cannot validate: only the run knows the agent",
    ]);
  const schema = agentOf(state)?.inputSchema;
  if (!schema) return judgement("anything", issues, reads.open);
  const findings = judgeInput(view, state, schema);
  const open = [...undecidedInput(view, state, schema).map(explain), ...reads.open];
  const own = findings.map(({ kind, severity, text }) => ({
    severity,
    message: text,
    isNote: kind === "missing-optional",
  }));
  return judgement(sketch(shapeOfSchema(schema, given)), [...issues, ...own], open);
}

/** What a called workflow asks for; of one that nobody has here nothing is known. */
function judgeCall(
  state: CallState,
  pointer: string,
  view: View,
  called: KnownWorkflow | undefined,
  { issues, open }: { readonly issues: readonly Issue[]; readonly open: readonly string[] },
): Judgement {
  if (!called) {
    const why = isTemplate(state.workflow)
      ? "only the run knows which workflow"
      : `nothing is known of the workflow "${state.workflow}"`;
    return judgement("what the called workflow takes", issues, [`cannot validate: ${why}`, ...open]);
  }
  const needs = called.inputSchema ? sketch(shapeOfSchema(called.inputSchema, given)) : "anything";
  return judgement(needs, [...issues, ...callIssues(state, pointer, view, called)], open);
}

function judgeEnd(definition: Definition, view: View): Judgement | null {
  const { output, outputSchema } = definition;
  if (output === undefined && !outputSchema) return null;
  const needs = outputSchema ? sketch(shapeOfSchema(outputSchema, given)) : `reads ${output}`;
  return judgement(needs, outputIssues(definition, view), []);
}

type Judged = Pick<Issue, "severity" | "message"> & { readonly isNote?: boolean };

function judgement(needs: string, issues: readonly Judged[], open: readonly string[]): Judgement {
  const errors = issues.filter(({ severity }) => severity === "error");
  const doubts = issues.filter(({ severity, isNote }) => severity === "warning" && !isNote);
  const notes = issues.filter(({ isNote }) => isNote);
  const verdict =
    errors.length > 0 ? "incompatible" : doubts.length + open.length > 0 ? "cannot-tell" : "compatible";
  const said = [...errors, ...doubts, ...notes].map(({ message }) => message);
  return { needs, verdict, reasons: [...new Set(verdict === "incompatible" ? said : [...said, ...open])] };
}

/** What a state that is no agent reads, and of what of it nothing is known. */
function readsOf(state: State, pointer: string, view: View, said: readonly Said[]) {
  const paths = pathsOfState(state, pointer);
  const named = said.flatMap(({ described }) =>
    described.names.flatMap(({ name, builtin, paths: below }) =>
      builtin ? [] : below.map((path) => [name, path].filter((part) => part !== "").join(".")),
    ),
  );
  const read = [...new Set([...paths.map(({ text }) => text), ...named])];
  const open = paths.flatMap(({ path, text }) => {
    const found = readShape(view, path);
    const isOpen = found.found && found.shape === "unknown" && !found.always;
    return isOpen ? [`cannot validate: nothing is said about "${text}"`] : [];
  });
  return { needs: read.length === 0 ? "nothing" : `reads ${read.join(", ")}`, open };
}

/** How people call the lists of states: by the states that hold them. */
function namesOfLists(definition: Definition): ReadonlyMap<string, string> {
  const names = new Map<string, string>();
  const enter = (states: readonly State[], pointer: string, above: readonly string[]) => {
    for (const [index, state] of states.entries())
      for (const { block, path } of nestedBlocks(state)) {
        const at = `${pointer}/states/${index}/${path}`;
        const name = [...above, state.name, block.name];
        names.set(at, name.join("/"));
        enter(block.states, at, name);
      }
  };
  enter(definition.states, "", []);
  return names;
}
