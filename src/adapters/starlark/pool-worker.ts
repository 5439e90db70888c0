import { parentPort, workerData } from "node:worker_threads";
import { ContextRefused, createEvaluator, Dead, type Evaluator, type LoadedScope } from "./evaluator.ts";
import type { PoolMessage, PoolReply, ThreadData } from "./pool.ts";
import {
  type Batch,
  errorOf,
  type RawAnswer,
  type RawDescription,
  type Source,
  toSources,
} from "./program.ts";

// One thread of the pool: one instance, replaced when it dies, misbehaves or has grown.

const recycleAboveMiB = 32;

const { module, memoryMiB, progress } = workerData as ThreadData;
const port = parentPort;
if (port === null) throw new Error("pool-worker.ts runs in a worker thread only");

let evaluator: Evaluator | undefined;
let used = false;
const current = () => {
  evaluator ??= createEvaluator(module, memoryMiB);
  return evaluator;
};
const discard = () => {
  evaluator = undefined;
  used = false;
};

warmUp();
port.postMessage({ ready: true } satisfies PoolReply);
port.on("message", (message: PoolMessage) => {
  const answers = message.ask === "evaluate" ? evaluate(message.batch) : message.sources.map(describe);
  port.postMessage({ answers } satisfies PoolReply);
  if (current().memoryMiB() > recycleAboveMiB) discard();
  current(); // ready for the next message
});

function evaluate(batch: Batch): RawAnswer[] {
  let loaded: LoadedScope | undefined;
  const answers: RawAnswer[] = [];
  for (const source of batch.sources) {
    progress[0] = answers.length;
    const answer = survive(() => {
      loaded ??= current().load(batch.context);
      return current().evaluate(source, loaded, batch.steps);
    });
    if (evaluator === undefined) loaded = undefined;
    answers.push(answer);
    if (batch.until === "first-true" && answer.ok && answer.truth) break;
  }
  if (loaded !== undefined) current().drop(loaded);
  return answers;

  /** A death counts against the program only in a fresh instance: the verdict must not depend on what ran before. */
  function survive(attempt: () => RawAnswer): RawAnswer {
    for (;;) {
      const fresh = !used;
      try {
        const answer = attempt();
        used = true;
        if (!answer.ok && answer.error.kind === "internal") discard(); // a contained panic
        return answer;
      } catch (error) {
        if (error instanceof ContextRefused) return errorOf("memory", error.message);
        if (!(error instanceof Dead)) throw error;
        discard();
        loaded = undefined;
        if (fresh) return errorOf(error.memory ? "memory" : "internal", deathMessage(error));
      }
    }
  }
}

function describe(source: Source, index: number): RawDescription {
  progress[0] = index;
  try {
    return current().describe(source);
  } catch (error) {
    if (!(error instanceof Dead)) throw error;
    discard();
    return { ...errorOf(error.memory ? "memory" : "internal", deathMessage(error)), names: [] };
  }
}

function deathMessage(error: Dead): string {
  return error.memory ? `memory limit exceeded (${memoryMiB} MiB)` : error.message;
}

/** V8 compiles a function when it is first called: call those that the first run would wait for. */
function warmUp(): void {
  const context = '{"result":{"error_rate":0.07,"items":[1,2.5,"three"]},"ctx":{"n":5}}';
  const texts = [
    'result.error_rate > 0.05 and len(result.items) == 3 and str(ctx.n) + "%s" % ctx.n != ""',
    "xs = [x for x in result.items if x]\nresult = {str(i): x for i, x in enumerate(xs)}",
    "undefined_name",
    "1 +",
    "[x for x in range(1000000000)]",
  ];
  const sources = toSources(
    texts.map((text) => ({ mode: "transform", text })),
    ["result"],
  );
  for (const source of sources) current().describe(source);
  evaluate({ sources, context, steps: 500 });
}
