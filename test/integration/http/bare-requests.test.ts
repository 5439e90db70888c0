import { request } from "node:http";
import { connect } from "node:net";
import { afterAll, beforeAll, expect, it } from "vitest";
import { type Served, serveHttp } from "../../../src/http/serve.ts";
import { createWorld, eventually, type World } from "./world.ts";

let world: World;
let served: Served;

beforeAll(async () => {
  world = await createWorld();
  served = await serveHttp({ app: world.app, port: 0, host: "127.0.0.1" });
});
afterAll(async () => {
  await served.close();
  await world.close();
});

/** Sends what no client library sends: a POST that says nothing of a body, or one in chunks. */
function send(path: string, chunks: readonly string[] | null): Promise<{ status: number; body: string }> {
  return new Promise((resolve, reject) => {
    const headers =
      chunks === null ? {} : { "content-type": "application/json", "transfer-encoding": "chunked" };
    const sent = request(`${served.url}${path}`, { method: "POST", headers, agent: false }, (answer) => {
      let body = "";
      answer.on("data", (chunk) => {
        body += chunk;
      });
      answer.on("end", () => resolve({ status: answer.statusCode ?? 0, body }));
    });
    sent.on("error", reject);
    if (chunks === null) {
      sent.removeHeader("content-length");
      sent.useChunkedEncodingByDefault = false;
    }
    for (const chunk of chunks ?? []) sent.write(chunk);
    sent.end();
  });
}

it("a POST without a body or its length is answered like one with an empty body", async () => {
  const { status, body } = await send("/api/v1/workflow-runs/run_none/resume", null);
  expect({ status, body }).toMatchObject({ status: 404, body: expect.stringContaining("run_none") });
});

it("a body in chunks is read, and cut off where it is too large", async () => {
  const { status, body } = await send("/api/v1/workflow-runs", ['{"workflowId":', '"nowhere"}']);
  expect({ status, body }).toMatchObject({ status: 404, body: expect.stringContaining("nowhere") });
  const large = await send("/api/v1/workflow-runs", Array(3).fill("x".repeat(500_000)));
  expect(large.status).toBe(413);
});

it.each([
  ["that has a length", "content-length: 999\r\n\r\n{"],
  ["in chunks", "transfer-encoding: chunked\r\n\r\n5\r\n{"],
])(
  "a client that goes away in the middle of a body %s is no mistake of the server's",
  async (_kind, rest) => {
    world.lines.length = 0;
    const { hostname, port } = new URL(served.url);
    const head = "POST /api/v1/workflow-runs HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\n";
    const socket = connect({ host: hostname, port: Number(port) }, () => socket.end(`${head}${rest}`));
    const line = await eventually(async () => world.lines.find(({ message }) => message === "request"));
    expect(line.facts).toMatchObject({ status: 400, problem: "bad-request" });
    expect(world.lines.map(({ message }) => message)).not.toContain("request failed");
  },
);

it.each([
  ["/api/v1/workflow-runs", (value: string) => `{"workflowId":"gate","input":{"deep":${value}}}`],
  ["/api/v1/workflows", (value: string) => `{"id":"deep","deep":${value}}`],
])("a body of a hundred thousand levels is refused by %s, and the next is answered", async (path, bodyOf) => {
  const answer = await send(path, [bodyOf("[".repeat(100_000) + "]".repeat(100_000))]);
  expect(answer.status).toBe(400);
  expect(JSON.parse(answer.body)).toMatchObject({
    code: "bad-request",
    detail: "the body is nested more than 200 levels deep",
  });
  expect((await fetch(`${served.url}/healthz`)).status).toBe(200);
});

/** What is answered to a request that was written by hand. */
async function answerTo(text: string): Promise<string> {
  const { hostname, port } = new URL(served.url);
  let answer = "";
  const socket = connect({ host: hostname, port: Number(port) }, () => socket.end(text));
  socket.on("data", (chunk) => {
    answer += chunk;
  });
  await new Promise((resolve) => socket.on("close", resolve));
  return answer;
}

it("a method that no route has is refused like any other address, and logged", async () => {
  world.lines.length = 0;
  const answer = await answerTo("TRACE /api/v1/workflow-runs HTTP/1.1\r\nhost: x\r\n\r\n");
  expect(answer).toContain("HTTP/1.1 404 Not Found");
  expect(answer).toContain("there is no TRACE /api/v1/workflow-runs; it knows POST, GET");
  expect(world.lines).toMatchObject([{ message: "request", facts: { method: "TRACE", status: 404 } }]);
});

it.each([
  ["GET /healthz HTTP/1.1\r\nhost: x1.1\r\n\r\n"],
  ["POST /api/v1/workflow-runs HTTP/1.1\r\nhost: x1.1\r\n\r\n"],
  [`POST /api/v1/workflow-runs HTTP/1.1\r\nhost: x1.1\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n`],
])("a Host header that is no host is refused: %j", async (text) => {
  world.lines.length = 0;
  const answer = await answerTo(text);
  expect(answer).toContain("HTTP/1.1 400 Bad Request");
  expect(answer).toContain("the address or the Host header is none that can be read");
  expect(world.lines.map(({ message }) => message)).not.toContain("request failed");
});
