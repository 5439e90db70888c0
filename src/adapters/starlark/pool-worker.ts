import { setPriority } from "node:os";
import { parentPort, workerData } from "node:worker_threads";
import type { EvaluationErrorKind } from "../../core/run/questions.ts";
import { ContextRefused, createEvaluator, Dead, type Evaluator, type LoadedScope } from "./evaluator.ts";
import type { PoolMessage, PoolReply, ThreadData } from "./pool.ts";
import { type Batch, errorOf, isLast, type RawAnswer, type RawDescription, type Source } from "./program.ts";
import { warmUp } from "./warm-up.ts";

// One thread of the pool: one instance, replaced when it dies, misbehaves or has grown.

const recycleAboveMiB = 32;

const niceness = 5;

// What an author wrote must not keep answers to others waiting. Elsewhere than on Linux this would slow the whole process.
if (process.platform === "linux") setPriority(niceness);

const { module, memoryMiB, progress } = workerData as ThreadData;
const port = parentPort;
if (port === null) throw new Error("pool-worker.ts runs in a worker thread only");

let evaluator = createEvaluator(module, memoryMiB);
let used = true;
let loaded: LoadedScope | undefined;

warmUp(evaluator);
port.postMessage({ ready: true } satisfies PoolReply);
port.on("message", (message: PoolMessage) => {
  const { user, system } = process.threadCpuUsage();
  progress[1] = (user + system) / 1000;
  const answers = message.ask === "evaluate" ? evaluate(message.batch) : message.sources.map(describe);
  port.postMessage({ answers } satisfies PoolReply);
  if (evaluator.memoryMiB() > recycleAboveMiB) replace();
});

function replace(): void {
  evaluator = createEvaluator(module, memoryMiB);
  used = false;
  loaded = undefined;
}

function evaluate(batch: Batch): RawAnswer[] {
  const answers: RawAnswer[] = [];
  for (const [index, source] of batch.sources.entries()) {
    progress[0] = index;
    const answer = survive<RawAnswer>((instance) => {
      loaded ??= instance.load(batch.context);
      return instance.evaluate(source, loaded, batch.steps);
    }, errorOf);
    if (!answer.ok && answer.error.kind === "internal") replace(); // a contained panic
    answers.push(answer);
    if (isLast(batch.until, answer)) break;
  }
  if (loaded !== undefined) evaluator.drop(loaded);
  loaded = undefined;
  return answers;
}

function describe(source: Source, index: number): RawDescription {
  progress[0] = index;
  return survive<RawDescription>(
    (instance) => instance.describe(source),
    (kind, message) => ({ error: errorOf(kind, message).error, names: [] }),
  );
}

/** A death counts against the program only in a fresh instance: the verdict must not depend on what ran before. */
function survive<A>(
  attempt: (instance: Evaluator) => A,
  failed: (kind: EvaluationErrorKind, message: string) => A,
): A {
  for (;;) {
    const fresh = !used;
    used = true;
    try {
      return attempt(evaluator);
    } catch (error) {
      if (error instanceof ContextRefused) return failed("memory", error.message);
      if (!(error instanceof Dead)) throw error;
      replace();
      if (!fresh) continue;
      if (error.memory) return failed("memory", `memory limit exceeded (${memoryMiB} MiB)`);
      return failed("internal", error.message);
    }
  }
}
