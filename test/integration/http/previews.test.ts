import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { RunPreview } from "../../../src/http/schemas/previews.ts";
import { createWorld, type World } from "./world.ts";

let world: World;
const YAML = { "content-type": "application/yaml" };

const deploy = `id: deploy
version: "1"
inputSchema:
  type: object
  properties: { env: { enum: [test, prod] }, owner: { type: string } }
  required: [env]
states:
  - name: where
    type: switch
    conditions: [{ if: "input.env == 'prod'", next: ask }]
    defaultNext: look
  - name: ask
    type: operation
    action: human.approval
    input: { message: "Into production?", approvers: ["team:platform", "{{ input.owner }}"] }
    next: look
  - { name: look, type: agent, agent: judge, resultPath: found, next: decide }
  - name: decide
    type: switch
    conditions: [{ if: "ctx.found.verdict == 'bad'", next: undo }]
    defaultNext: pause
  - { name: undo, type: inject, data: {}, next: pause }
  - { name: pause, type: timer, duration: 90s, end: true }
`;

const loose = `id: loose
version: "1"
states:
  - { name: look, type: agent, agent: echo, resultPath: found, next: decide }
  - name: decide
    type: switch
    conditions: [{ if: "ctx.found.said == 'bad'", next: done }]
    defaultNext: done
  - { name: done, type: inject, data: {}, end: true }
`;

/** Says in a schema what it answers. */
const JUDGE = `---
model: station/script
metadata: { name: judge, description: Judges }
output:
  schema: { type: object, required: [verdict], properties: { verdict: { enum: [good, bad] } } }
script: [{ output: { verdict: good } }]
---
Judge.
`;

const forever = `id: forever
version: "1"
states:
  - { name: again, type: inject, data: {}, next: round }
  - { name: round, type: timer, duration: 1s, next: again }
`;

const wide = `id: wide
version: "1"
states:
  - name: each
    type: foreach
    itemsPath: input.items
    itemName: item
    iterator: { states: [{ name: one, type: transform, expression: "ctx.item", end: true }] }
    end: true
`;

beforeAll(async () => {
  world = await createWorld({ prompts: [JUDGE] });
  for (const body of [deploy, loose, forever, wide])
    expect((await world.request("POST", "/api/v1/workflows", { body, headers: YAML })).status).toBe(201);
});
afterAll(() => world.close());

const told = async (response: Response) => (await response.json()) as RunPreview;
const preview = (id: string, input: Record<string, unknown>, more: Record<string, unknown> = {}) =>
  world.json("POST", `/api/v1/workflows/${id}/preview`, { input, ...more });

describe("the path of a run that is not started", () => {
  it("is told with who would be asked, and where it depends on what somebody answers", async () => {
    const response = await preview("deploy", { env: "prod", owner: "user:ana" });
    expect(response.status).toBe(200);
    const path = await told(response);
    expect(path).toMatchObject({
      version: 1,
      status: "COMPLETED",
      more: 0,
      brokenOff: null,
      waitsMs: 90_000,
    });
    const row = (state: string, type: string, next: string | null, more = {}) => ({
      ...{ branch: "", state, type, action: null, who: null, next, isOpen: false },
      ...more,
    });
    expect(path.steps).toEqual([
      row("where", "switch", "ask", { condition: "input.env == 'prod'" }),
      row("ask", "operation", "look", { action: "human.approval", who: "team:platform, user:ana" }),
      row("look", "operation", "decide", { action: "agent.run", who: "judge" }),
      row("decide", "switch", "pause", { condition: null, isOpen: true }),
      row("pause", "timer", null),
    ]);
    expect(path.assumed).toEqual([expect.stringContaining("ask")]);
    const elsewhere = await told(await preview("deploy", { env: "test" }));
    expect(elsewhere.steps.map(({ state }) => state)).toEqual(["where", "look", "decide", "pause"]);
    expect((await world.client.listRuns({})).items).toEqual([]);
  });

  it("is refused for an input that would start nothing, and for a workflow that is not there", async () => {
    const wrong = await preview("deploy", { env: "moon" });
    expect(wrong.status).toBe(400);
    expect(await wrong.json()).toMatchObject({ code: "validation", errors: [{ pointer: "/input/env" }] });
    expect((await preview("deploy", { env: "prod" }, { version: 7 })).status).toBe(404);
    expect(await (await preview("deplyo", {})).json()).toMatchObject({
      code: "not-found",
      detail: expect.stringContaining('did you mean "deploy"?'),
    });
  });

  it("goes no further than what nobody has answered yet", async () => {
    const path = await told(await preview("loose", {}));
    expect(path).toMatchObject({
      status: "RUNNING",
      error: null,
      brokenOff: '"decide" goes by what nobody has answered yet',
    });
    expect(path.steps.map(({ state }) => state)).toEqual(["look", "decide"]);
  });

  it("is told as far as anybody reads it, and broken off where it takes too long", async () => {
    const endless = await told(await preview("forever", {}));
    expect([endless.status, endless.steps.length]).toEqual(["FAILED", 300]);
    const many = await told(await preview("wide", { items: Array.from({ length: 3000 }, (_, i) => i) }));
    expect(many).toMatchObject({ brokenOff: expect.stringContaining("2000 moves") });
    expect(many.steps).toHaveLength(300);
    expect(many.more).toBeGreaterThan(0);
  });
});
