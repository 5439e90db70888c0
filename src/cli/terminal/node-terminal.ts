import { emitKeypressEvents } from "node:readline";
import { createInterface } from "node:readline/promises";
import { addAbortSignal } from "node:stream";
import type { ReadStream, WriteStream } from "node:tty";
import type { Input, Output, Terminal } from "./terminal.ts";

export type Streams = {
  readonly stdin: ReadStream;
  readonly stdout: WriteStream;
  readonly stderr: WriteStream;
  readonly env: Terminal["env"];
};

/**
 * The terminal of a process. `onClosed` is called when whoever read stdout has gone (`stn events -f | head`). Words for
 * people that nobody reads any more end nothing.
 */
export function nodeTerminal({ stdin, stdout, stderr, env }: Streams, onClosed: () => void): Terminal {
  stdout.on("error", unlessClosed(onClosed));
  stderr.on("error", unlessClosed());
  return { stdout: outputOf(stdout), stderr: outputOf(stderr), stdin: inputOf(stdin, stderr), env };
}

function unlessClosed(onClosed: () => void = () => {}) {
  return (error: NodeJS.ErrnoException) => {
    if (error.code !== "EPIPE") throw error;
    onClosed();
  };
}

function outputOf(stream: WriteStream): Output {
  return {
    write: (text) => {
      if (stream.writable) stream.write(text);
    },
    isTty: stream.isTTY === true,
    columns: () => stream.columns || 80,
    rows: () => stream.rows || 24,
  };
}

function inputOf(stdin: ReadStream, stderr: WriteStream): Input {
  return {
    isTty: stdin.isTTY === true,
    async readAll(signal) {
      const chunks: Buffer[] = [];
      for await (const chunk of addAbortSignal(signal, stdin)) chunks.push(Buffer.from(chunk));
      return Buffer.concat(chunks);
    },
    async ask(question, signal) {
      const lines = createInterface({ input: stdin, output: stderr });
      try {
        return await lines.question(question, { signal });
      } finally {
        lines.close();
      }
    },
    onKey(listener) {
      emitKeypressEvents(stdin);
      const pressed = (text: string | undefined, key: { name?: string; ctrl?: boolean }) =>
        listener(key.ctrl ? `ctrl-${key.name}` : (text ?? key.name ?? ""));
      stdin.on("keypress", pressed);
      // In raw mode the terminal hands over Ctrl-C like any other key.
      stdin.setRawMode(true);
      stdin.resume();
      return () => {
        stdin.off("keypress", pressed);
        stdin.setRawMode(false);
        stdin.pause();
      };
    },
  };
}
