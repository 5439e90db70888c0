import { relative, resolve } from "node:path";
import { readForeign, spelled } from "../../core/definition/agent-reference.ts";
import { agentsNamedIn } from "../../core/definition/agents.ts";
import { WORKFLOW_FILE } from "../../core/definition/file-name.ts";
import type { Definition } from "../../core/definition/types.ts";
import type { JsonObject, JsonValue } from "../../core/json.ts";
import type { Line, Ruling, Scenario } from "../../core/rehearsal/scenario.ts";
import type { AgentInfo } from "../../engine/ports/agent-runner.ts";
import type { Rehearsed } from "../../engine/rehearsal/rehearse.ts";
import { outturnOf } from "../../engine/rehearsal/run-test.ts";
import type { TestedWorkflow } from "../../engine/rehearsal/run-test-file.ts";
import { CliError, EXIT, type ExitCode, usage } from "../errors.ts";
import { textOf } from "../files.ts";
import { viewAfter } from "../follow/recorded-run.ts";
import { drawTree } from "../follow/tree.ts";
import { readJson } from "../input.ts";
import { frame } from "../output/frame.ts";
import { printValue } from "../output/print.ts";
import { roomOf, type Session } from "../session.ts";
import { oneLine, shorten } from "../terminal/text.ts";
import { environmentOf } from "../workflow-files.ts";
import { exitCodeOfRun } from "./watch.ts";

export type DryRunOptions = {
  readonly answer?: readonly string[];
  readonly reject?: readonly string[];
  readonly send?: readonly string[];
};

type Asked = {
  readonly workflow: TestedWorkflow;
  readonly version: number;
  readonly agents: readonly AgentInfo[] | null;
};

/**
 * Plays a workflow through in this process, a file or one of the server's: agents answer what is given, or the smallest
 * output of their schema. Nothing is started, stored or called.
 */
export async function dryRun(
  session: Session,
  given: string,
  input: JsonObject,
  options: DryRunOptions & { readonly version?: number },
): Promise<ExitCode> {
  const scenario = await scenarioOf(session, input, options);
  const asked = WORKFLOW_FILE.test(given)
    ? await fileOf(session, given)
    : await storedOf(session, given, options);
  const result = await session.deps.rehearsals.dryRun({ ...asked, scenario });
  switch (result.status) {
    case "invalid": {
      const { file, text } = asked.workflow.source;
      const { look, output } = session.err;
      for (const one of result.diagnostics)
        output.write(frame({ file, text }, one, look, roomOf(session.err)));
      return EXIT.findings;
    }
    case "invalid-input": {
      const lines = result.errors.map(({ pointer, message }) => `${pointer || "/"} ${message}`);
      throw new CliError(EXIT.findings, `the workflow refuses this input:\n${lines.join("\n")}`);
    }
    case "rehearsed":
      return shown(session, result.definition.id, result.rehearsed);
  }
}

async function fileOf(session: Session, given: string): Promise<Asked> {
  const { cwd, environmentsDir } = session.deps;
  const path = resolve(cwd, given);
  const text = await textOf(session, path);
  const format = path.endsWith(".json") ? "json" : "yaml";
  const environment =
    session.givenEnvironment ?? environmentOf(resolve(cwd, environmentsDir), path) ?? "default";
  const source = { text, format, file: relative(cwd, path) || path } as const;
  return { workflow: { source, environment }, version: 0, agents: null };
}

async function storedOf(
  { client, signal, environment }: Session,
  id: string,
  { version }: { readonly version?: number },
): Promise<Asked> {
  const query = environment === null ? {} : { environment };
  const stored =
    version === undefined
      ? await client.getWorkflow({ params: { id }, query, signal })
      : await client.getWorkflowVersion({ params: { id, version }, query, signal });
  const agentsOf = async (home: string) => {
    const { items } = await client.listAgents({ query: { environment: home }, signal });
    return items.map((agent) => ({ ...agent, prompt: null })) as readonly AgentInfo[];
  };
  // The server has let it name them.
  const named = agentsNamedIn(stored.definition as unknown as Definition).keys();
  const homes = new Set([...named].flatMap((agent) => readForeign(agent)?.environment ?? []));
  const others: Record<string, readonly AgentInfo[]> = {};
  for (const home of homes) others[home] = await agentsOf(home);
  const source = { text: stored.source, format: stored.sourceFormat, file: stored.origin };
  return {
    workflow: { source, environment: stored.environment },
    version: stored.version,
    agents: spelled({ own: await agentsOf(stored.environment), others }),
  };
}

async function scenarioOf(session: Session, input: JsonObject, options: DryRunOptions): Promise<Scenario> {
  /** By whatever calls for them: states, agents, workflows. */
  const answers: Record<string, Line[]> = {};
  for (const [name, output] of await named(session, options.answer, "--answer"))
    answers[name] = [
      ...(answers[name] ?? []),
      { says: { output }, with: null, takesMs: 0, unchecked: true, pointer: "" },
    ];
  const rejected: Ruling = { decision: "reject", by: [], afterMs: 0, comment: null };
  const approvals = Object.fromEntries((options.reject ?? []).map((state) => [state, [rejected]]));
  const signals = (await named(session, options.send, "--send")).map(([name, payload]) => ({
    name,
    payload,
    afterMs: null,
  }));
  return { input, agents: answers, workflows: answers, approvals, signals, assumesConsent: true };
}

/** `name=json`, `name=@file`. */
async function named(
  session: Session,
  given: readonly string[] = [],
  option: string,
): Promise<readonly (readonly [string, JsonValue])[]> {
  return Promise.all(
    given.map(async (text) => {
      const equals = text.indexOf("=");
      if (equals < 1)
        throw usage(`${option} ${text} has no name and value`, `${option} 'name={"key": "value"}'`);
      return [text.slice(0, equals), await readJson(session, text.slice(equals + 1), option)] as const;
    }),
  );
}

function shown(session: Session, workflowId: string, rehearsed: Rehearsed): ExitCode {
  const outturn = outturnOf(rehearsed);
  const { run, events, calls, assumed, brokenOff } = rehearsed;
  if (session.format === "table") session.write(`${drawn(session, rehearsed).join("\n")}\n`);
  else
    printValue(
      session,
      {
        workflowId,
        workflowVersion: run.workflow.version,
        environment: run.workflow.environment,
        ...outturn,
        calls: calls.map(({ misfits: _, pointer: __, at, ...call }) => call),
        assumed,
        brokenOff,
      },
      () => workflowId,
    );
  if (brokenOff !== null) throw new CliError(EXIT.error, `the dry run was broken off; ${brokenOff}`);
  const last = events.at(-1)?.event;
  const error = last !== undefined && "error" in last && last.error ? last.error : null;
  return exitCodeOfRun({ status: run.lifecycle.status, error });
}

function drawn(session: Session, { run, events, calls, assumed }: Rehearsed): readonly string[] {
  const { look } = session.out;
  const columns = session.out.width() - 1;
  const now = events.at(-1)?.at ?? run.createdAt;
  const tree = drawTree(viewAfter(run.definition, events), {
    look,
    columns,
    now,
    address: "",
    hideHints: true,
  });
  const line = (text: string) => `  ${shorten(look.typeset(oneLine(text)), columns - 2, look.ellipsis)}`;
  const called = calls.map(({ state, agent, attempt, task, variables, source }) => {
    const again = attempt > 1 ? ` (attempt ${attempt})` : "";
    const more = Object.keys(variables).length > 0 ? ` ${JSON.stringify(variables)}` : "";
    const made = source === "refused" ? " – refused" : source === "given" ? " – answer given" : "";
    return line(`${state} → ${agent}${again}${made}: ${task ?? ""}${more}`);
  });
  return [
    ...tree,
    ...(called.length > 0 ? ["", look.paint("bold", "would call")] : []),
    ...called,
    ...(assumed.length > 0 ? ["", look.paint("bold", "assumed")] : []),
    ...assumed.map((text) => line(`${text}`)),
  ];
}
