import { Worker } from "node:worker_threads";
import type { EvaluationErrorKind } from "../../core/run/questions.ts";
import { type Batch, errorOf, isLast, type RawAnswer, type RawDescription, type Source } from "./program.ts";
import type { WasmModule } from "./webassembly.ts";

/**
 * What a thread is started with. `progress[0]` is the index of the program it is at, `progress[1]` the processor time (ms)
 * that it had used when it began with its message; -1 until then.
 */
export type ThreadData = {
  readonly module: WasmModule;
  readonly memoryMiB: number;
  readonly progress: Int32Array;
};

export type PoolMessage =
  | { readonly ask: "evaluate"; readonly batch: Batch }
  | { readonly ask: "describe"; readonly sources: readonly Source[] };

export type PoolReply =
  | { readonly ready: true }
  | { readonly answers: readonly RawAnswer[] | readonly RawDescription[] };

export type PoolLimits = { readonly threads: number; readonly memoryMiB: number; readonly wallMs: number };

/** Threads that evaluate; one that overruns the wall limit is killed and replaced. */
export type Pool = {
  readonly evaluate: (batch: Batch) => Promise<readonly RawAnswer[]>;
  readonly describe: (sources: readonly Source[]) => Promise<readonly RawDescription[]>;
  /** Starts the first thread and resolves when it is warm. */
  readonly warm: () => Promise<void>;
  readonly close: () => Promise<void>;
};

type Failure = { readonly kind: EvaluationErrorKind; readonly message: string };

/** What became of one message: answers, or the thread died at a program. */
type Outcome<A> = { readonly answers: readonly A[] } | { readonly at: number; readonly failure: Failure };

type Job = {
  readonly message: PoolMessage;
  readonly resolve: (outcome: Outcome<never>) => void;
  readonly reject: (error: Error) => void;
};

type Thread = {
  readonly worker: Worker;
  readonly progress: Int32Array;
  ready: boolean;
  job?: Job | undefined;
  timer?: NodeJS.Timeout | undefined;
  timedOut?: boolean;
  cause?: unknown;
};

const heapMiB = { maxOldGenerationSizeMb: 64, maxYoungGenerationSizeMb: 16 };
const startsBeforeGivingUp = 5;
const firstBackoffMs = 50;
const aDayMs = 86_400_000;

/** Starts threads when they are needed; none of them keeps the process alive once nothing is asked. */
export function createPool(module: WasmModule, limits: PoolLimits): Pool {
  const threads = new Set<Thread>();
  const idle: Thread[] = [];
  const waiting: Job[] = [];
  let failedStarts = 0;
  let backoff: NodeJS.Timeout | undefined;
  let closed = false;
  let unanswered = 0;
  let keepAlive: NodeJS.Timeout | undefined;

  const pump = () => {
    while (waiting.length > 0) {
      const thread = idle.pop();
      if (thread === undefined) break;
      assign(thread, waiting.shift() as Job);
    }
    const starting = [...threads].filter((thread) => !thread.ready).length;
    if (backoff === undefined && waiting.length > starting && threads.size < limits.threads) start();
  };

  const start = () => {
    const progress = new Int32Array(new SharedArrayBuffer(8));
    const worker = new Worker(workerUrl(), {
      workerData: { module, memoryMiB: limits.memoryMiB, progress } satisfies ThreadData,
      resourceLimits: heapMiB,
      env: {},
      execArgv: [],
      stdin: false,
    });
    const thread: Thread = { worker, progress, ready: false };
    threads.add(thread);
    worker.on("message", (reply: PoolReply) => {
      if ("ready" in reply) {
        thread.ready = true;
        failedStarts = 0;
      } else {
        finish(thread)?.resolve({ answers: reply.answers as readonly never[] });
      }
      if (!thread.timedOut) idle.push(thread);
      pump();
    });
    worker.on("error", (cause) => {
      thread.cause = cause;
    });
    worker.on("exit", (code) => gone(thread, code));
    worker.unref(); // after the listeners: adding one holds the process again
  };

  const assign = (thread: Thread, job: Job) => {
    thread.job = job;
    thread.progress.set([0, -1]);
    thread.worker.postMessage(job.message);
    watch(thread, job);
  };

  /** Whose process stood still, or whose machine had others to serve, is not to blame: only processor time counts. */
  const watch = (thread: Thread, job: Job) => {
    thread.timer = setTimeout(() => {
      // An answer that arrived while this process was busy is still taken: setImmediate comes after messages.
      setImmediate(async () => {
        if (thread.job !== job) return;
        const spentMs = await processorTimeOf(thread);
        if (thread.job !== job) return;
        if (spentMs < limits.wallMs / 2) return watch(thread, job);
        thread.timedOut = true;
        void thread.worker.terminate();
      });
    }, limits.wallMs);
  };

  const finish = (thread: Thread) => {
    const job = thread.job;
    clearTimeout(thread.timer);
    thread.job = undefined;
    return job;
  };

  const gone = (thread: Thread, code: number) => {
    threads.delete(thread);
    const at = idle.indexOf(thread);
    if (at >= 0) idle.splice(at, 1);
    finish(thread)?.resolve({ at: thread.progress[0] ?? 0, failure: failureOf(thread, code) });
    if (closed) return;
    if (!thread.ready) backOff(thread);
    pump();
  };

  const failureOf = (thread: Thread, code: number): Failure => {
    if (thread.timedOut) return { kind: "timeout", message: `time limit exceeded (${limits.wallMs} ms)` };
    if (isOutOfMemory(thread.cause)) return { kind: "memory", message: "memory limit exceeded" };
    return {
      kind: "internal",
      message: `the evaluator's thread ended with code ${code}: ${String(thread.cause)}`,
    };
  };

  /** A thread that dies while it starts must not be started in a circle. */
  const backOff = (thread: Thread) => {
    failedStarts++;
    if (failedStarts >= startsBeforeGivingUp) {
      const error = new Error("the evaluator's threads do not start", { cause: thread.cause });
      for (const job of waiting.splice(0)) job.reject(error);
      failedStarts = 0;
      return;
    }
    backoff = setTimeout(
      () => {
        backoff = undefined;
        pump();
      },
      firstBackoffMs * 2 ** failedStarts,
    );
    backoff.unref();
  };

  const send = <A>(message: PoolMessage): Promise<Outcome<A>> => {
    if (closed) return Promise.reject(closedError());
    if (unanswered++ === 0) keepAlive = setInterval(() => {}, aDayMs);
    const answered = new Promise<Outcome<A>>((resolve, reject) => {
      waiting.push({ message, resolve, reject });
      pump();
    });
    return answered.finally(() => {
      if (--unanswered === 0) clearInterval(keepAlive);
    });
  };

  /**
   * Sends programs in one message. When the thread dies, the program it was at is tried once more alone, the
   * others go on without it.
   */
  const ask = async <A>(
    sources: readonly Source[],
    messageFor: (sources: readonly Source[]) => PoolMessage,
    failed: (failure: Failure) => A,
    ends: (answer: A) => boolean,
    retry = true,
  ): Promise<readonly A[]> => {
    const outcome = await send<A>(messageFor(sources));
    if ("answers" in outcome) return outcome.answers;
    if (sources.length === 1 && !retry) return [failed(outcome.failure)];
    const answers: A[] = [];
    const { at } = outcome;
    const parts = [sources.slice(0, at), sources.slice(at, at + 1), sources.slice(at + 1)];
    for (const [index, part] of parts.entries()) {
      if (part.length === 0) continue;
      answers.push(...(await ask(part, messageFor, failed, ends, index !== 1)));
      if (answers.some(ends)) break;
    }
    return answers;
  };

  return {
    evaluate: (batch) =>
      ask<RawAnswer>(
        batch.sources,
        (sources) => ({ ask: "evaluate", batch: { ...batch, sources } }),
        ({ kind, message }) => errorOf(kind, message),
        (answer) => isLast(batch.until, answer),
      ),
    describe: (sources) =>
      ask<RawDescription>(
        sources,
        (some) => ({ ask: "describe", sources: some }),
        ({ kind, message }) => ({ error: errorOf(kind, message).error, names: [] }),
        () => false,
      ),
    warm: async () => {
      await send({ ask: "describe", sources: [] });
    },
    close: async () => {
      closed = true;
      clearTimeout(backoff);
      for (const job of waiting.splice(0)) job.reject(closedError());
      for (const thread of threads) finish(thread)?.reject(closedError());
      await Promise.all([...threads].map((thread) => thread.worker.terminate()));
    },
  };
}

/** What a thread has used for the message it is at, in milliseconds. */
async function processorTimeOf({ worker, progress }: Thread): Promise<number> {
  try {
    const { user, system } = await worker.cpuUsage();
    const before = progress[1] ?? -1;
    return before === -1 ? 0 : (user + system) / 1000 - before;
  } catch {
    // It has just ended, which is told by itself.
    return 0;
  }
}

function closedError(): Error {
  return new Error("the evaluator is closed");
}

function isOutOfMemory(cause: unknown): boolean {
  return cause instanceof Error && "code" in cause && cause.code === "ERR_WORKER_OUT_OF_MEMORY";
}

/** The thread's entry point lies beside this file, as source or as a bundle. */
function workerUrl(): URL {
  return new URL(import.meta.url.endsWith(".ts") ? "./pool-worker.ts" : "./pool-worker.mjs", import.meta.url);
}
