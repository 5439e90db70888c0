import { PassThrough } from "node:stream";
import { expect, it } from "vitest";
import { nodeTerminal, type Streams } from "./node-terminal.ts";

it("reading what is piped in ends when the person has had enough", async () => {
  const [stdin, stdout, stderr] = [new PassThrough(), new PassThrough(), new PassThrough()];
  const streams = { stdin, stdout, stderr, env: {} } as unknown as Streams;
  const interrupt = new AbortController();
  const read = nodeTerminal(streams, () => {}).stdin.readAll(interrupt.signal);
  stdin.write('{"half":');
  interrupt.abort();
  await expect(read).rejects.toThrow("aborted");
});

const gone = Object.assign(new Error("write EPIPE"), { code: "EPIPE" });

it("nobody who reads the data ends the command; nobody who reads the words ends nothing", () => {
  const [stdout, stderr] = [new PassThrough(), new PassThrough()];
  let closed = 0;
  nodeTerminal({ stdin: new PassThrough(), stdout, stderr, env: {} } as unknown as Streams, () => closed++);
  stderr.emit("error", gone);
  expect(closed).toBe(0);
  stdout.emit("error", gone);
  expect(closed).toBe(1);
  expect(() => stderr.emit("error", new Error("the disk is full"))).toThrow("the disk is full");
});
