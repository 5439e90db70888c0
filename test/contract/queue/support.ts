import { vi } from "vitest";
import type { BranchPath, RunId, StepId } from "../../../src/core/run/ids.ts";
import { traceOf } from "../../../src/core/trace/context.ts";
import type { PublishedEvent, TaskMessage, TaskQueue } from "../../../src/engine/ports/queue.ts";
import type { Log } from "../../../src/engine/ports.ts";

/** A task of run `name`; everything else as it usually is. */
export function task(name: string, rest: Partial<TaskMessage> = {}): TaskMessage {
  return {
    runId: `run_${name}` as RunId,
    target: "" as BranchPath,
    kind: "run",
    stepId: null,
    revision: 1,
    sends: 0,
    idempotencyKey: `key-${name}`,
    traceparent: null,
    ...rest,
  };
}

/** `count` tasks of different runs. */
export function tasks(name: string, count: number): readonly TaskMessage[] {
  return Array.from({ length: count }, (_, index) => task(`${name}${index}`));
}

/** The fact number `seq` of run `name`; of a step when one is named. */
export function fact(name: string, seq: number, stepId: string | null = null): PublishedEvent {
  const runId = `run_${name}` as RunId;
  const place = { branch: "" as BranchPath, state: "greet", stepId: stepId as StepId, attempt: 1 };
  return {
    runId,
    traceId: traceOf({ id: runId, traceparent: null }).traceId,
    seq,
    at: 1_700_000_000_000 + seq,
    actor: "system",
    channel: "worker",
    hash: null,
    event:
      stepId === null
        ? { type: "run.paused", reason: `number ${seq}` }
        : { type: "step.scheduled", ...place, dueAt: 0 },
  };
}

/** A worker whose handlers end when the test says so. */
export type Worker = {
  /** What it was handed, in order. */
  readonly taken: readonly TaskMessage[];
  /** Of these, what it still holds. */
  readonly holding: ReadonlySet<TaskMessage>;
  readonly mostAtOnce: () => number;
  /** Lets the handler that holds it end, well or badly. */
  finish(message: TaskMessage, error?: Error): void;
  finishAll(): void;
  /** From now on handlers end by themselves. */
  letGo(): void;
  stop(): Promise<void>;
  /** Resolves when `consume` does. */
  readonly ended: Promise<void>;
};

/** Starts a worker that holds on to what it gets. */
export function work(queue: TaskQueue, concurrency = 1): Worker {
  const taken: TaskMessage[] = [];
  const open = new Map<TaskMessage, PromiseWithResolvers<void>>();
  const holding = new Set<TaskMessage>();
  const abort = new AbortController();
  let holds = true;
  let most = 0;
  const ended = queue.consume(
    async (message) => {
      taken.push(message);
      holding.add(message);
      most = Math.max(most, holding.size);
      try {
        if (!holds) return;
        const end = Promise.withResolvers<void>();
        open.set(message, end);
        await end.promise;
      } finally {
        holding.delete(message);
        open.delete(message);
      }
    },
    { concurrency, signal: abort.signal },
  );
  return {
    taken,
    holding,
    mostAtOnce: () => most,
    finish: (message, error) =>
      error === undefined ? open.get(message)?.resolve() : open.get(message)?.reject(error),
    finishAll: () => {
      for (const end of open.values()) end.resolve();
    },
    letGo: () => {
      holds = false;
      for (const end of open.values()) end.resolve();
    },
    stop: () => {
      abort.abort();
      return ended;
    },
    ended,
  };
}

/** Waits until what is looked at is as it should be, and resolves with what the look gave. */
export function eventually<T>(look: () => T | Promise<T>, timeout = 10_000): Promise<T> {
  return vi.waitFor(look, { timeout, interval: 5 });
}

/** A log that keeps its lines. */
export function keepingLog(): Log & { readonly lines: readonly string[] } {
  const lines: string[] = [];
  const write = (level: string) => (message: string, facts?: Readonly<Record<string, unknown>>) => {
    lines.push(JSON.stringify({ level, message, ...facts }));
  };
  return { lines, info: write("info"), warn: write("warn"), error: write("error") };
}
