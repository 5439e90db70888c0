import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { expect, it } from "vitest";
import { createClient } from "../client.ts";
import { sender } from "./send.ts";

it("can be aborted while its answer is read, also long after the request was collected", async () => {
  const server = createServer((_, answer) => {
    answer.write("the first part");
  }).listen(0);
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  const send = sender({ baseUrl: `http://127.0.0.1:${port}` });
  const interrupt = new AbortController();
  const { signal } = interrupt;
  const answer = await send({ method: "GET", target: "/", headers: {}, signal });
  const reader = answer.body?.getReader();
  await reader?.read();
  await collectGarbage();
  interrupt.abort();
  await expect(reader?.read()).rejects.toThrow("aborted");
  server.closeAllConnections();
  server.close();
});

it("goes to no other address than its own: a POST would become a GET there, without its key", async () => {
  let asked = 0;
  const server = createServer(({ url, headers: { host } }, answer) => {
    asked++;
    answer.writeHead(301, { location: `http://${host}/moved${url}` }).end();
  }).listen(0);
  await once(server, "listening");
  const baseUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  await expect(createClient({ baseUrl }).startRun({ body: { workflowId: "w" } })).rejects.toMatchObject({
    status: 301,
    code: "unexpected-answer",
    message: `${baseUrl}/api/v1/workflow-runs leads on to ${baseUrl}/moved/api/v1/workflow-runs: name the address that it leads to`,
  });
  expect(asked).toBe(1);
  server.close();
});

async function collectGarbage(): Promise<void> {
  setFlagsFromString("--expose-gc");
  const collect = runInNewContext("gc") as () => void;
  for (let i = 0; i < 5; i++) {
    collect();
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}
