import { readdirSync, readFileSync } from "node:fs";
import { connect } from "node:net";
import { join } from "node:path";
import fc from "fast-check";
import { afterAll, beforeAll, expect, test } from "vitest";
import { sample } from "../../../src/adapters/agents/sample.ts";
import type { JsonObject, JsonValue } from "../../../src/core/json.ts";
import { followWorkflows } from "../../../src/engine/declared-schedules.ts";
import { routeList } from "../../../src/http/contract.ts";
import type { Route } from "../../../src/http/routes/route.ts";
import { type Served, serveHttp } from "../../../src/http/serve.ts";
import { checkAnswer } from "../../integration/http/answers.ts";
import { gate, quick } from "../../integration/http/definitions.ts";
import { createWorld, eventually, type World } from "../../integration/http/world.ts";
import { found, fuzz, inTime, TIMEOUT_MS } from "./fuzzing.ts";
import { editedValue, hostileText, hostileValue, mutatedText } from "./hostile.ts";

const corpus = join(import.meta.dirname, "../../corpus/valid");
const workflows = readdirSync(corpus).map((name) => readFileSync(join(corpus, name), "utf8"));

let world: World;
let served: Served;
/** A run that is over. */
let ended: { readonly runId: string };
/** Things that are there, by the name of what asks for one. */
const there: Record<string, string> = { name: "echo", version: "1", id: "gate", workflowId: "gate" };

beforeAll(async () => {
  world = await createWorld({ works: true });
  served = await serveHttp({ app: world.app, port: 0, host: "127.0.0.1" });
  const { client } = world;
  await client.createWorkflow({ body: { definition: gate("gate") } });
  await client.createWorkflow({ body: { definition: quick("quick") } });
  await client.createWorkflow({ body: { definition: `${gate("yearly")}schedule: { cron: "@yearly" }\n` } });
  await followWorkflows(world.ports)();
  ended = await client.startRun({ body: { workflowId: "quick", input: { count: 1 } } });
  const { runId } = await client.startRun({ body: { workflowId: "gate" } });
  const approval = await eventually(async () => {
    const { items } = await client.listRunApprovals({ params: { runId } });
    return items[0];
  });
  const { hookId } = await client.createHook({
    body: { name: "there", scheme: { type: "bearer" }, target: { type: "start-run", workflowId: "gate" } },
  });
  Object.assign(there, { runId, approvalId: approval.approvalId, hookId });
});
afterAll(async () => {
  await served.close();
  await world.close();
});

/** A request as it is sent, and as it is kept when it has broken something. */
type Sent = {
  readonly method: string;
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | null;
};

/** What a header may hold; the rest never leaves a client. */
const headerText = hostileText.map((text) => text.replace(/[^\t\x20-\x7e\x80-\xff]/g, "").trim());

const HEADERS: Readonly<Record<string, readonly string[]>> = {
  "idempotency-key": ["key-1", "k".repeat(255), "k".repeat(256), ""],
  prefer: ["wait=0", "wait=x", "respond-async, wait=0"],
  "if-match": ['"1"', "*", 'W/"1"', '"1", "2"', '"99999999999999999999"'],
  "last-event-id": ["0", "1", "-1", "1e3", "9007199254740993", "x"],
  traceparent: [`00-${"1".repeat(32)}-${"2".repeat(16)}-01`, `ff-${"0".repeat(32)}-${"0".repeat(16)}-00`],
  accept: ["text/event-stream", "*/*;q=2"],
  "accept-encoding": ["gzip;q=0", "br"],
  authorization: ["Bearer x", "Bearer stn_default_a_b", "Basic !", "Bearer"],
  cookie: ["__Host-stn=x", "=;;=", "a".repeat(3000)],
  origin: ["null", "https://evil.example"],
  "content-length": ["0", "-1"],
  "content-encoding": ["gzip"],
  "webhook-id": ["msg_1"],
  "webhook-timestamp": ["0", "NaN", "99999999999999"],
  "webhook-signature": ["v1,", "v1,!!!", "v2,x v1,"],
  "x-request-id": ["x", "a".repeat(300)],
  "x-forwarded-for": ["1.1.1.1, x"],
};

const headers = fc
  .dictionary(fc.constantFrom(...Object.keys(HEADERS)), fc.nat(), { maxKeys: 3 })
  .chain(
    (picked): fc.Arbitrary<Record<string, string>> =>
      fc.record(
        Object.fromEntries(
          Object.keys(picked).map((name) => [
            name,
            fc.oneof(fc.constantFrom(...(HEADERS[name] as readonly string[])), headerText),
          ]),
        ),
      ),
  );

const TYPES = [
  "application/json",
  "application/json; charset=utf-16",
  "application/yaml",
  "application/merge-patch+json",
  "text/plain",
  "multipart/form-data; boundary=x",
  "",
  "/;;",
];

/** A cursor as this server makes them, with anything in it. */
const cursor = fc
  .oneof(editedValue([1, [1_800_000_000_000], "run_1", ""]), editedValue([1, "2026-01-01", "x", "y"]))
  .map((value) => Buffer.from(JSON.stringify(value)).toString("base64url"));

const CURSORS = fc.sample(cursor, { numRuns: 300, seed: 1 });

function sentTo(route: Route): fc.Arbitrary<Sent> {
  const path = fc
    .tuple(
      ...route.path.split("/").map((part) => {
        const asked = /^\{(\w+)\}$/.exec(part)?.[1];
        if (asked === undefined) return fc.constant(part);
        return fc.oneof(
          // Read when it is sent: the things are made by then.
          { arbitrary: fc.constant(part), weight: 8 },
          { arbitrary: hostileText.map(encoded), weight: 1 },
          { arbitrary: fc.constantFrom("%zz", "%00", "%ff", "%2f", ".%2e", "quick", "none"), weight: 1 },
        );
      }),
    )
    .map((parts) => parts.join("/"));
  return fc
    .tuple(path, queryOf(route), headers, bodyOf(route), fc.constantFrom(...TYPES), fc.nat(19))
    .map(([address, query, extra, body, type, likely]) => ({
      method: route.method.toUpperCase(),
      path: query === "" ? address : `${address}?${query}`,
      headers: { ...extra, "content-type": likely < 19 ? typeOf(route, body) : type },
      body: route.method === "get" ? null : body,
    }));
}

function encoded(text: string): string {
  return encodeURIComponent(text.toWellFormed());
}

function typeOf(route: Route, body: string): string {
  return route.bodyKind === "definition" && !body.startsWith("{") ? "application/yaml" : "application/json";
}

function queryOf(route: Route): fc.Arbitrary<string> {
  const properties = Object.entries((route.query?.properties ?? {}) as Record<string, JsonObject>);
  const pairs = properties.map(([name, schema]) =>
    fc.option(
      fc.oneof(
        { arbitrary: fc.constantFrom(...usualOf(name, schema)), weight: 8 },
        {
          arbitrary: fc.oneof(hostileText, fc.constantFrom("0", "-1", "1e9", "9007199254740993")),
          weight: 1,
        },
      ),
      { freq: 1 },
    ),
  );
  const junk = rarely(hostileText);
  return fc.tuple(fc.tuple(...pairs), junk).map(([given, extra]) => {
    const said = given.flatMap((value, index) =>
      value === null ? [] : [`${properties[index]?.[0]}=${encoded(value)}`],
    );
    return [...said, ...(extra === null ? [] : [extra.toWellFormed().replaceAll("#", "")])].join("&");
  });
}

/** In one case of twelve. */
function rarely<T>(one: fc.Arbitrary<T>): fc.Arbitrary<T | null> {
  return fc.oneof({ arbitrary: fc.constant(null), weight: 11 }, { arbitrary: one, weight: 1 });
}

/** Texts that a query parameter allows, cursors of any content among them. */
function usualOf(name: string, schema: JsonObject): readonly string[] {
  if (name === "cursor") return CURSORS;
  const items = schema["items"] as JsonObject | undefined;
  const choices = (items ?? schema)["enum"] as readonly string[] | undefined;
  if (choices) return choices;
  if (name === "environment") return ["default"];
  return [there[name] ?? String(sample(schema, name))];
}

function bodyOf(route: Route): fc.Arbitrary<string> {
  if (!route.body && route.bodyKind !== "raw") return fc.constantFrom("", "{}", "null");
  if (route.bodyKind === "definition") {
    const envelope = editedValue({ definition: gate("made"), environment: "default" });
    return fc.oneof(mutatedText([gate("gate"), quick("made"), ...workflows]), envelope.map(asJson));
  }
  const schema = (route.body ?? {}) as unknown as JsonObject;
  const usual = filled(schema);
  return fc.oneof(
    { arbitrary: editedValue(usual, 2).map(asJson), weight: 6 },
    { arbitrary: hostileValue.map(asJson), weight: 1 },
    { arbitrary: mutatedText([asJson(usual)]), weight: 2 },
    { arbitrary: fc.constant(""), weight: 1 },
  );
}

/** The least a schema allows, about things that are there. */
function filled(schema: JsonObject): JsonValue {
  const value = sample(schema, "body");
  const named = (part: JsonValue, key: string): JsonValue => {
    if (Array.isArray(part)) return part.map((item) => named(item, key));
    if (part !== null && typeof part === "object")
      return Object.fromEntries(Object.entries(part).map(([name, below]) => [name, named(below, name)]));
    if (key === "runId" || key === "workflowId" || key === "approvalId") return `{${key}}`;
    return key === "environment" ? "default" : part;
  };
  return named(value, "");
}

function asJson(value: JsonValue): string {
  return JSON.stringify(value);
}

const withThere = (text: string) => text.replace(/\{(\w+)\}/g, (all, name: string) => there[name] ?? all);

/** The answer is one that the contract promises, soon, and no mistake of ours. */
async function isAnswered({ method, path, headers, body }: Sent): Promise<void> {
  const url = new URL(withThere(path), "http://station");
  const request = new Request(url, {
    method,
    headers,
    body: body === null ? null : withThere(body),
    signal: AbortSignal.timeout(2000),
  });
  const response = await world.app.request(request);
  const what = `${method} ${url.pathname}`;
  if (response.headers.get("content-type")?.startsWith("text/event-stream")) await response.body?.cancel();
  else await checkAnswer(world.ports.schemas, method, `${url.pathname}`, response.clone());
  expect([200, 201, 202, 204, 302, 400, 401, 403, 404, 409, 410, 412, 413, 415, 422, 503], what).toContain(
    response.status,
  );
  noMistake();
}

function noMistake(): void {
  expect(world.lines.find(({ message }) => message === "request failed")).toBeUndefined();
  world.lines.length = 0;
}

async function isWell(): Promise<void> {
  expect((await world.get("/healthz")).status).toBe(200);
  expect((await world.get("/api/v1/workflow-runs")).status).toBe(200);
}

test.each(found("requests"))("a request that once broke something: $name", ({ text }) =>
  inTime(JSON.parse(text) as Sent, isAnswered),
);

test(
  "whatever is sent to any route is answered as the contract promises, and the server answers afterwards",
  async () => {
    await fuzz(
      fc.constantFrom(...routeList).chain(([, route]) => sentTo(route)),
      isAnswered,
    );
    await isWell();
  },
  TIMEOUT_MS,
);

test(
  "a stream goes on behind whatever was the last event, or says why it cannot",
  async () => {
    const path = `/api/v1/workflow-runs/${ended.runId}/stream`;
    const all = await eventually(async () => {
      const { items } = await world.client.listEvents({ params: ended });
      return items.at(-1)?.type === "run.completed" && items.map(({ seq }) => seq);
    });
    const ids = fc.oneof(fc.integer({ min: -2, max: all.length + 2 }).map(String), headerText);
    await fuzz(ids, async (id) => {
      const response = await world.app.request(path, { headers: { "last-event-id": id } });
      const text = await response.text();
      const seen = [...text.matchAll(/^id: (\d+)$/gm)].map(([, seq]) => Number(seq));
      const last = /^\d+$/.test(id) ? Number(id) : 0;
      if (response.status === 400) {
        expect(response.headers.get("content-type")).toBe("application/problem+json");
        expect(id).not.toMatch(/^\d{1,15}$/);
      } else {
        expect(response.status).toBe(last >= all.length ? 204 : 200);
        expect([...new Set(seen)]).toEqual(all.filter((seq) => seq > last));
      }
    });
  },
  TIMEOUT_MS,
);

const RAW = [
  "GET /healthz HTTP/1.1\r\nhost: x\r\n\r\n",
  "POST /api/v1/workflow-runs HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: 22\r\n\r\n" +
    '{"workflowId":"quick"}',
  "POST /api/v1/workflow-runs HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ntransfer-encoding: chunked\r\n\r\n" +
    '16\r\n{"workflowId":"quick"}\r\n0\r\n\r\n',
  "GET //evil.example/../api/v1/me?a=%zz#x HTTP/1.1\r\nhost: [::1\r\nexpect: 100-continue\r\n\r\n",
  "OPTIONS * HTTP/1.1\r\nhost: x\r\n\r\nGET http://[/ HTTP/1.0\r\n\r\n",
];

test.each(found("bytes"))("bytes that once broke something: $name", ({ text }) => inTime(text, isSurvived));

test(
  "whatever bytes come over a connection, the server ends it or answers, and answers the next one",
  async () => {
    await fuzz(mutatedText(RAW, 4), isSurvived);
    expect((await fetch(`${served.url}/healthz`)).status).toBe(200);
    noMistake();
  },
  TIMEOUT_MS,
);

async function isSurvived(bytes: string): Promise<void> {
  expect(await exchanged(Buffer.from(bytes, "latin1"))).toMatch(/^($|HTTP\/1\.1 (?!500))/);
  noMistake();
}

/** Sends bytes, says that no more will come, and answers all that came back. */
function exchanged(bytes: Buffer): Promise<string> {
  const { hostname, port } = new URL(served.url);
  return new Promise((resolve) => {
    let answer = "";
    const socket = connect({ host: hostname, port: Number(port) }, () => socket.end(bytes));
    socket.on("data", (chunk) => {
      answer += chunk.toString("latin1");
    });
    // A reset is an end like any other.
    socket.on("error", () => {});
    socket.on("close", () => resolve(answer));
  });
}
