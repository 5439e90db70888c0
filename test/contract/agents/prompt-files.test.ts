import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { keepingLog, request } from "../../../src/adapters/agents/test-agents.ts";
import { loadAgents } from "../../../src/adapters/files/agents.ts";
import { createSchemas } from "../../../src/adapters/json-schema/schemas.ts";
import { createTestRunner } from "../../support/agent-runner.ts";

const never = new AbortController().signal;
let root = "";
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), "station-agents-"));
  await mkdir(join(root, "default", "agents"), { recursive: true });
});
afterAll(() => rm(root, { recursive: true }));

const write = (file: string, text: string) => writeFile(join(root, "default", "agents", file), text);

/** A runner whose clock is a minute further at every look: files are read every time. */
function runner() {
  let now = 0;
  const clock = { now: () => (now += 60_000), random: () => 0 };
  const load = (environment: string) => loadAgents(root, environment);
  return createTestRunner({ load, schemas: createSchemas(), clock, log: keepingLog() });
}

const podChecker = `---
model: station/script
metadata: { name: Pod Checker }
input:
  default: { namespace: default }
  schema:
    type: object
    properties: { namespace: { type: string } }
    required: [namespace]
output:
  schema:
    type: object
    properties: { status: { type: string, enum: [healthy, critical] } }
    required: [status]
script:
  - attempt: 1
    error: { code: flaky, message: "no route to {{namespace}}", retryable: true }
  - output: { status: healthy, namespace: "{{input.namespace}}" }
---
{{userInput}}
`;

test("an agent on disk fails once and then succeeds", async () => {
  await write("pod_checker.prompt", podChecker);
  const agents = runner();
  expect(await agents.run(request("pod-checker"), never)).toEqual({
    status: "failed",
    error: { type: "agent_error", code: "flaky", message: "no route to default", retryable: true },
  });
  const second = request("pod_checker", { attempt: 2, variables: { namespace: "prod" } });
  expect(await agents.run(second, never)).toEqual({
    status: "completed",
    output: { status: "healthy", namespace: "prod" },
    simulated: true,
  });
});

test("an agent whose file breaks while workflows run fails their steps with file and line", async () => {
  const agents = runner();
  await write("notifier.prompt", "---\nmodel: station/script\nscript: [{ text: sent }]\n---\n");
  expect(await agents.run(request("notifier"), never)).toMatchObject({ output: "sent" });
  await write("notifier.prompt", "---\nmodel: [\n---\n");
  expect(await agents.run(request("notifier"), never)).toMatchObject({
    error: {
      code: "agent_invalid",
      message: expect.stringMatching(/^agent "notifier" cannot be used: agents\/notifier\.prompt:\d+: /),
      retryable: false,
    },
  });
  expect(await agents.list("default")).toMatchObject([
    { name: "Pod Checker", problems: [] },
    { name: "notifier", problems: [{ severity: "error" }] },
  ]);
});

test("an agent whose file is gone is not found", async () => {
  const agents = runner();
  await write("gone.prompt", "---\nmodel: station/script\nscript: [{ text: here }]\n---\n");
  expect(await agents.run(request("gone"), never)).toMatchObject({ output: "here" });
  await rm(join(root, "default", "agents", "gone.prompt"));
  expect(await agents.run(request("gone"), never)).toMatchObject({ error: { code: "agent_not_found" } });
});

test("a file of the original, with a real model, is listed and does not run", async () => {
  await write("k8s.prompt", '---\nmodel: gpt-4o-mini\nmetadata: { name: "K8s" }\n---\n{{role "system"}}Hi\n');
  const agents = runner();
  expect((await agents.list("default")).find(({ name }) => name === "K8s")).toMatchObject({
    model: "gpt-4o-mini",
    simulated: false,
  });
  expect(await agents.run(request("k8s"), never)).toMatchObject({ error: { code: "llm_auth" } });
});
