import { join } from "node:path";

/** What somebody wants to begin with. */
export type Beginning = {
  readonly environment: string;
  readonly workflow: string;
  readonly agent: string;
  /** `null`: answers written in the agent's file, without a model. */
  readonly model: string | null;
};

export type StarterFile = { readonly path: string; readonly text: string; readonly isPrivate?: true };

/** The files of a project that does something from the first minute; paths are those of its folder. */
export function starterFiles(beginning: Beginning, environmentsDir: string): readonly StarterFile[] {
  const { environment, workflow, agent } = beginning;
  const at = (path: string) => join(environmentsDir, environment, path);
  return [
    { path: at(`workflows/${workflow}.workflow.yaml`), text: workflowText(beginning) },
    { path: at(`workflows/${workflow}.test.yaml`), text: testText(beginning) },
    { path: at(`agents/${agent}.prompt`), text: agentText(beginning) },
    { path: ".env", text: SETTINGS, isPrivate: true },
    { path: ".gitignore", text: ".env\n.station/\n" },
    ...(environment === "default" ? [] : [{ path: "station.yaml", text: projectText(environment) }]),
  ];
}

function workflowText({ workflow, agent }: Beginning): string {
  return `# An agent judges an alert, an expression reads its answer, and a person has the last word.
id: ${scalar(workflow)}
version: "1.0"
name: "Alert triage"
description: "Judges an alert, and asks before somebody is woken up"
inputSchema:
  type: object
  properties:
    alert: { type: string, default: "checkout: 8% of its requests fail since 09:40" }
start: judge
states:
  - name: judge
    type: operation
    action: agent.run
    input:
      agent: ${scalar(agent)}
      task: "How bad is this?"
      variables: { alert: "{{ ctx.alert }}" }
    timeoutSeconds: 120
    retry: { maxAttempts: 3, backoffSeconds: 1 }
    resultPath: verdict
    next: decide

  - name: decide
    type: switch
    conditions:
      - if: 'verdict.severity == "high"'
        next: ask
    defaultNext: write_down

  - name: ask
    type: operation
    action: human.approval
    message: "{{ verdict.summary }} Wake somebody up?"
    timeoutSeconds: 3600
    next: wake

  - name: wake
    type: inject
    data: { done: "somebody was woken up" } # a real one pages: action agent.run, with a tool
    resultPath: outcome
    end: true

  - name: write_down
    type: inject
    data: { done: "left for the morning" }
    resultPath: outcome
    end: true
output: outcome
`;
}

function testText({ agent }: Beginning): string {
  return `# stn test plays these without a server and without a model.
tests:
  - name: a bad alert wakes somebody once a person agrees
    agents:
      ${scalar(agent)}: { output: { severity: high, summary: Checkout is down. } }
    approvals:
      ask: { decision: approve, after: 5m }
    expect:
      status: COMPLETED
      path: [judge, decide, ask, wake]
      takes: 5m

  - name: nobody is woken when the person says no
    agents:
      ${scalar(agent)}: { output: { severity: high, summary: Checkout is down. } }
    approvals:
      ask: { decision: reject, comment: known }
    expect:
      status: FAILED
      error: { code: REJECTED, message: known }

  - name: what is not bad waits for the morning
    input: { alert: "one pod of search was restarted" }
    agents:
      ${scalar(agent)}: { output: { severity: low, summary: A pod was restarted. } }
    expect:
      status: COMPLETED
      calls:
        judge: { variables: { alert: one pod of search was restarted } }
        ask: 0
      output: { done: left for the morning }
`;
}

function agentText({ agent, model }: Beginning): string {
  const script = `script: # what is answered in place of a model; runs say that they are simulated
  - sleep_ms: 400
  - output: { severity: high, summary: "{{ input.alert }}." }
`;
  return `---
model: ${model ?? "station/script # no model and no key; later: openai/gpt-4o-mini, ollama/llama3.1 …"}
metadata:
  name: ${scalar(agent)}
  description: Says how bad an alert is
input:
  schema:
    type: object
    properties:
      alert: { type: string }
    required: [alert]
output:
  schema:
    type: object
    properties:
      severity: { type: string, enum: [high, low] }
      summary: { type: string }
    required: [severity, summary]
${model === null ? script : ""}---
{{role "system"}}
You are on call. An alert is high when users are hurt now, and low otherwise. Summarise it in one sentence.

{{role "user"}}
{{alert}}
`;
}

function projectText(environment: string): string {
  return `# What stn commands are about in this folder and below, for everybody who works here.
environment: ${scalar(environment)}
# server: https://station.example.com
`;
}

const SETTINGS = `# What stn dev reads when it starts here; a variable of the shell counts more. Keep this file out of git.

# The key of the agents' models; Ollama on this machine needs none.
# OPENAI_API_KEY=
# ANTHROPIC_API_KEY=
# GEMINI_API_KEY=

# One model for all agents, whatever their files say.
# STATION_AI_MODEL_OVERRIDE=openai/gpt-4o-mini

# Where runs are kept.
# STATION_DATA_DIR=.station

# Encrypts secrets in the database: openssl rand -base64 32
# STATION_SECRET_KEYS=

# debug, info, warn, error
# STATION_LOG_LEVEL=info
`;

/** A name as YAML reads it as text. */
function scalar(name: string): string {
  return /^(?:true|false|null)$/i.test(name) ? `"${name}"` : name;
}
