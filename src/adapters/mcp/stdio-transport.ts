import { stripVTControlCharacters } from "node:util";
import {
  type JSONRPCMessage,
  ReadBuffer,
  SdkError,
  SdkErrorCode,
  serializeMessage,
  type Transport,
} from "@modelcontextprotocol/client";
import { type Child, endGroup, spawnGroup } from "./process-group.ts";
import type { Redact } from "./redact.ts";

export type Program = Parameters<typeof spawnGroup>[0];

/** A message of a server, over whatever it comes. */
export const MAX_MESSAGE_BYTES = 10 * 1024 * 1024;
/** How much of stderr is remembered, and how much of its last line is shown. */
const MAX_TAIL = 16_384;
const MAX_LINE = 500;
/** How long the pipes of a process that has ended may stay open: a helper of its may hold them. */
const PIPES_GRACE_MS = 1000;

/**
 * Speaks with a program that this process starts, over its input and output. Unlike the SDK's own transport it ends
 * the whole process group, and knows why a program ended: its exit code and the last line it wrote to stderr.
 */
export class StdioTransport implements Transport {
  onclose?: () => void;
  onerror?: (error: Error) => void;
  onmessage?: (message: JSONRPCMessage) => void;
  readonly #program: Program;
  readonly #buffer = new ReadBuffer({ maxBufferSize: MAX_MESSAGE_BYTES });
  #child: Child | null = null;
  #ending: Promise<void> | null = null;
  #tail = "";
  #isClosed = false;
  #how = "";

  constructor(program: Program) {
    this.#program = program;
  }

  get pid(): number | null {
    return this.#child?.pid ?? null;
  }

  /** How the program ended, with the last line it wrote to stderr; empty when there is nothing to say. */
  lastWords(redact: Redact): string {
    // Redacted before it is cut: a part of a secret would not be found.
    const lines = redact(this.#tail).split("\n");
    const line = plain(lines.findLast((one) => one.trim() !== "") ?? "").slice(-MAX_LINE);
    return [this.#how, line].filter((part) => part !== "").join("; its last line on stderr: ");
  }

  async start(): Promise<void> {
    if (this.#child) throw new Error("this transport was started before");
    const child = await spawnGroup(this.#program);
    this.#child = child;
    child.stdout.on("data", (chunk: Buffer) => this.#receive(chunk));
    child.stderr.on("data", (chunk: Buffer) => this.#hear(chunk));
    for (const pipe of [child.stdin, child.stdout, child.stderr])
      pipe.on("error", (error: Error) => this.onerror?.(error));
    child.once("exit", (code, signal) => {
      this.#how = signal === null ? `it ended with exit code ${code}` : `it was ended by ${signal}`;
      // What it started must not outlive it.
      this.#ending ??= endGroup(child);
      setTimeout(() => this.#closed(), PIPES_GRACE_MS).unref();
    });
    child.once("close", () => this.#closed());
  }

  send(message: JSONRPCMessage): Promise<void> {
    const stdin = this.#child?.stdin;
    if (!stdin || this.#isClosed || !stdin.writable)
      return Promise.reject(new SdkError(SdkErrorCode.NotConnected, "the server is not running"));
    // Resolves at once: a program that does not read must not hold up the timeout of the call.
    stdin.write(serializeMessage(message));
    return Promise.resolve();
  }

  async close(): Promise<void> {
    const child = this.#child;
    if (child) {
      this.#ending ??= endGroup(child);
      await this.#ending;
    }
    this.#closed();
  }

  #receive(chunk: Buffer): void {
    try {
      this.#buffer.append(chunk);
    } catch (error) {
      this.#how = `it sent a message of more than ${MAX_MESSAGE_BYTES} bytes`;
      this.onerror?.(asError(error));
      void this.close();
      return;
    }
    for (;;)
      try {
        const message = this.#buffer.readMessage();
        if (message === null) return;
        this.onmessage?.(message);
      } catch (error) {
        this.onerror?.(asError(error)); // JSON, but no message: the next line may be one
      }
  }

  #hear(chunk: Buffer): void {
    const all = this.#tail + (chunk.length > MAX_TAIL ? chunk.subarray(-MAX_TAIL) : chunk).toString("utf8");
    this.#tail = all.length > 2 * MAX_TAIL ? all.slice(-MAX_TAIL) : all;
  }

  #closed(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    for (const pipe of [this.#child?.stdin, this.#child?.stdout, this.#child?.stderr]) pipe?.destroy();
    this.#buffer.clear();
    this.onclose?.();
  }
}

function asError(error: unknown): Error {
  return error instanceof Error ? error : new Error(String(error));
}

/** A line without colours and other control characters. */
export function plain(line: string): string {
  return stripVTControlCharacters(line)
    .replace(/\p{Cc}+/gu, " ")
    .trim();
}
