import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, describe, expect, it } from "vitest";
import { OutgoingFailed, OutgoingRefused, type OutgoingRequest } from "../../engine/ports/outgoing.ts";
import { addressCheck, isRange } from "./addresses.ts";
import { createOutgoing } from "./outgoing.ts";

const closers: (() => void)[] = [];
afterEach(() => {
  for (const close of closers.splice(0)) close();
});

/** A server on this machine, which is what must not be reached. */
async function inside(answer: (request: IncomingMessage, response: ServerResponse) => void) {
  const seen: string[] = [];
  const server = createServer((request, response) => {
    seen.push(`${request.method} ${request.url} ${request.headers.host}`);
    answer(request, response);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  closers.push(() => {
    server.closeAllConnections();
    server.close();
  });
  return { port: (server.address() as AddressInfo).port, seen };
}

const post = (url: string, change: Partial<OutgoingRequest> = {}): OutgoingRequest => ({
  url,
  method: "POST",
  headers: { "content-type": "application/json" },
  body: '{"a":"ä"}',
  timeoutMs: 20_000,
  ...change,
});
const ok = (_request: IncomingMessage, response: ServerResponse) => void response.end("fine");
const at = (...addresses: readonly string[]) => ({
  resolve: async () => addresses.map((address) => ({ address, family: address.includes(":") ? 6 : 4 })),
});

describe("what is inside is not called", () => {
  it.each([
    "http://127.0.0.1:PORT/",
    "http://127.1:PORT/",
    "http://2130706433:PORT/",
    "http://0x7f.0.0.1:PORT/",
    "http://017700000001:PORT/",
    "http://0.0.0.0:PORT/",
    "http://[::1]:PORT/",
    "http://[::]:PORT/",
    "http://[::ffff:127.0.0.1]:PORT/",
    "http://[::ffff:7f00:1]:PORT/",
    "http://[64:ff9b::7f00:1]:PORT/",
    "http://localhost:PORT/",
    "http://169.254.169.254/latest/meta-data/",
    "http://10.0.0.1/",
    "http://[fd00:ec2::254]/",
    "file:///etc/passwd",
    "gopher://example.com/",
    "http://user:secret@example.com/",
    "no address",
  ])("%s", async (url) => {
    const { port, seen } = await inside(ok);
    const sending = createOutgoing().send(post(url.replace("PORT", String(port))));
    await expect(sending).rejects.toThrow(OutgoingRefused);
    expect(seen).toEqual([]);
  });

  it("by a public name that leads there", async () => {
    const { port, seen } = await inside(ok);
    const sending = createOutgoing(at("127.0.0.1")).send(post(`http://evil.example:${port}/`));
    await expect(sending).rejects.toThrow("evil.example (127.0.0.1) is inside a private network");
    expect(seen).toEqual([]);
  });

  it("by a name of which only one address leads there", async () => {
    const { port, seen } = await inside(ok);
    const sending = createOutgoing(at("93.184.216.34", "127.0.0.1")).send(
      post(`http://evil.example:${port}/`),
    );
    await expect(sending).rejects.toThrow(OutgoingRefused);
    expect(seen).toEqual([]);
  });

  it("by a name that leads elsewhere when it is asked again: it is asked once", async () => {
    const { port, seen } = await inside(ok);
    let asked = 0;
    const resolve = async () => [{ address: ++asked === 1 ? "192.0.2.1" : "127.0.0.1", family: 4 }];
    // 192.0.2.1 is allowed and leads nowhere: whoever looked again would land on this machine.
    const outgoing = createOutgoing({ resolve, allowed: ["192.0.2.1"] });
    await expect(outgoing.send(post(`http://evil.example:${port}/`, { timeoutMs: 500 }))).rejects.toThrow(
      OutgoingFailed,
    );
    expect([asked, seen]).toEqual([1, []]);
  });

  it("by a redirect: it is an answer and not followed", async () => {
    const target = await inside(ok);
    const { port } = await inside((_request, response) => {
      response.writeHead(307, { location: `http://127.0.0.1:${target.port}/secret` }).end();
    });
    const outgoing = createOutgoing({ ...at("127.0.0.1"), allowed: ["127.0.0.1"] });
    expect(await outgoing.send(post(`http://hook.example:${port}/`))).toMatchObject({ status: 307 });
    expect(target.seen).toEqual([]);
  });
});

it("an allowed range is called by its name, with the body whole", async () => {
  let got = "";
  const { port, seen } = await inside((request, response) => {
    request.setEncoding("utf8").on("data", (chunk) => {
      got += chunk;
    });
    request.on("end", () => response.writeHead(202, { "x-seen": "yes" }).end("fine"));
  });
  const outgoing = createOutgoing({ ...at("127.0.0.1"), allowed: ["127.0.0.0/8"] });
  expect(await outgoing.send(post(`http://hook.example:${port}/in?x=1`))).toMatchObject({
    status: 202,
    headers: { "x-seen": "yes" },
    body: "fine",
  });
  expect([got, seen]).toEqual(['{"a":"ä"}', [`POST /in?x=1 hook.example:${port}`]]);
});

it("an answer without an end is read to its limit", async () => {
  const { port } = await inside((_request, response) => {
    const more = () => {
      while (!response.destroyed && response.write("x".repeat(16_384)));
      if (!response.destroyed) response.once("drain", more);
    };
    more();
  });
  const outgoing = createOutgoing({ ...at("127.0.0.1"), allowed: ["127.0.0.1"] });
  expect((await outgoing.send(post(`http://hook.example:${port}/`))).body).toHaveLength(64 * 1024);
});

it("says why there was no answer", async () => {
  const { port } = await inside(() => {});
  const outgoing = createOutgoing({ ...at("127.0.0.1"), allowed: ["127.0.0.1"] });
  const late = outgoing.send(post(`http://hook.example:${port}/`, { timeoutMs: 50 }));
  await expect(late).rejects.toThrow(`hook.example:${port}: no answer within 50 ms`);
  await expect(outgoing.send(post("http://hook.example:1/"))).rejects.toThrow(OutgoingFailed);
  const stop = AbortSignal.abort(new Error("stopping"));
  await expect(outgoing.send(post(`http://hook.example:${port}/`, { signal: stop }))).rejects.toThrow(
    "stopping",
  );
});

it("the public internet may be called, and ranges are ranges", () => {
  const mayCall = addressCheck([]);
  for (const address of ["1.1.1.1", "93.184.216.34", "2606:4700:4700::1111", "::ffff:1.1.1.1"])
    expect(mayCall(address), address).toBe(true);
  for (const address of [
    "224.0.0.1",
    "255.255.255.255",
    "100.64.0.1",
    "fe80::1",
    "::ffff:10.0.0.1",
    "2002:7f00:1::",
    "x",
  ])
    expect(mayCall(address), address).toBe(false);
  expect(["10.0.0.0/8", "fd00::/8", "10.0.0.1"].every(isRange)).toBe(true);
  expect(["10.0.0.0/33", "10.0.0", "10.0.0.0/8/1", "host"].some(isRange)).toBe(false);
});
