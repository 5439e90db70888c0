import { Lru } from "../../core/lru.ts";
import { ContextRefused, createEvaluator, Dead, type Evaluator } from "./evaluator.ts";
import type { Pool } from "./pool.ts";
import { type Batch, isLast, type RawAnswer, type RawDescription, type Source } from "./program.ts";
import { warmUp } from "./warm-up.ts";
import type { WasmModule } from "./webassembly.ts";

const contextCharacters = 64 << 10;
const textCharacters = 2 << 10;
const recycleAboveMiB = 32;

/** An instance in the calling thread, for what takes microseconds. The pool has the last word about limits. */
export type Local = {
  /** Undefined when it cannot tell. */
  readonly describe: (sources: readonly Source[]) => readonly RawDescription[] | undefined;
  /** Evaluates with few steps, and passes on to the pool, from its beginning, whatever they do not suffice for. */
  readonly evaluate: (batch: Batch, pool: Pool) => Promise<readonly RawAnswer[]>;
};

type Limits = { readonly memoryMiB: number; readonly localSteps: number; readonly steps: number };

/** Starts the instance, which takes some 10 ms. `localSteps: 0` makes one that leaves everything to the pool. */
export function createLocal(module: WasmModule, limits: Limits): Local {
  const steps = Math.min(limits.localSteps, limits.steps);
  let evaluator: Evaluator | undefined;
  /** What ran out of steps here goes to the pool at once the next time. */
  const heavy = new Lru<string, true>(1000);
  const isShort = ({ text }: Source) => text.length <= textCharacters;

  /** Undefined when the instance died: the pool will find out why. */
  const attempt = <T>(use: (instance: Evaluator) => T): T | undefined => {
    try {
      evaluator ??= createEvaluator(module, limits.memoryMiB);
      const result = use(evaluator);
      if (evaluator.memoryMiB() > recycleAboveMiB) evaluator = undefined;
      return result;
    } catch (error) {
      if (error instanceof ContextRefused) return undefined;
      evaluator = undefined;
      if (error instanceof Dead) return undefined;
      throw error;
    }
  };

  const evaluateHere = (batch: Batch): RawAnswer[] => {
    const answers: RawAnswer[] = [];
    attempt((instance) => {
      const scope = instance.load(batch.context);
      for (const source of batch.sources) {
        const answer = instance.evaluate(source, scope, steps);
        const isUnfinished =
          !answer.ok && (answer.error.kind === "steps" || answer.error.kind === "internal");
        if (isUnfinished) heavy.set(source.key, true);
        if (isUnfinished) break;
        answers.push(answer);
        if (isLast(batch.until, answer)) break;
      }
      instance.drop(scope);
    });
    return answers;
  };

  if (steps > 0) attempt(warmUp);
  return {
    describe: (sources) => {
      if (sources.length === 0) return [];
      if (steps === 0 || !sources.every(isShort)) return undefined;
      return attempt((instance) => sources.map((source) => instance.describe(source)));
    },
    evaluate: async (batch, pool) => {
      const small =
        steps > 0 &&
        batch.context.length <= contextCharacters &&
        batch.sources.every((source) => isShort(source) && heavy.get(source.key) === undefined);
      const answers = small ? evaluateHere(batch) : [];
      const last = answers.at(-1);
      if (answers.length === batch.sources.length || (last !== undefined && isLast(batch.until, last)))
        return answers;
      const rest = await pool.evaluate({ ...batch, sources: batch.sources.slice(answers.length) });
      return [...answers, ...rest];
    },
  };
}
