import { availableParallelism } from "node:os";
import { Lru } from "../../core/lru.ts";
import type { Evaluation, Scope } from "../../core/run/questions.ts";
import type { Description, Expressions } from "../../engine/ports/expressions.ts";
import { loadModule } from "./artefact.ts";
import { createLocal, type Local } from "./local.ts";
import { createPool, type Pool } from "./pool.ts";
import {
  type Batch,
  errorOf,
  type FreeName,
  isLast,
  type RawAnswer,
  type RawDescription,
  type Source,
  toSources,
} from "./program.ts";
import { namesIn, serialiseScope } from "./scope.ts";
import { explainName } from "./suggest.ts";
import { parseValue, UnsafeInteger } from "./value.ts";

/** Limits of one evaluation, and how much may run at once. */
export type StarlarkOptions = {
  /** Steps per evaluation. */
  readonly steps?: number;
  /** Wall time per message to a thread. */
  readonly wallMs?: number;
  /** Linear memory per instance. */
  readonly memoryMiB?: number;
  /** What programs of one message may read, as JSON. */
  readonly contextBytes?: number;
  readonly threads?: number;
  /** Steps that are tried in the calling thread before a program goes to the pool; 0 sends everything there. */
  readonly localSteps?: number;
};

/** Nothing that a program does rejects a promise, stalls the process or kills it. */
export type Starlark = Expressions & {
  /** Starts and warms the evaluator, which otherwise happens at the first question. */
  ready(): Promise<void>;
};

/** What holds for whatever is not said otherwise. */
export const defaultLimits = {
  steps: 100_000,
  wallMs: 1_000,
  memoryMiB: 64,
  contextBytes: 4 << 20,
  // The main thread keeps a core for itself, so that an API goes on answering while expressions misbehave.
  threads: Math.min(2, Math.max(1, availableParallelism() - 1)),
  localSteps: 2_000,
} satisfies Required<StarlarkOptions>;

const descriptionsKept = 4096;

type Engine = { readonly pool: Pool; readonly local: Local };

/** Creates the evaluator; nothing is loaded before the first question or `ready()`. */
export function createStarlark(options: StarlarkOptions = {}): Starlark {
  const limits = { ...defaultLimits, ...options };
  const described = new Lru<string, RawDescription>(descriptionsKept);
  let started: Promise<Engine> | undefined;
  let closed = false;

  const engine = () => {
    if (closed) return Promise.reject(new Error("the evaluator is closed"));
    started ??= startEngine(limits).catch((error) => {
      started = undefined;
      throw error;
    });
    return started;
  };

  const describeAll = async (
    { pool, local }: Engine,
    sources: readonly Source[],
  ): Promise<RawDescription[]> => {
    const answers = new Map(sources.map(({ key }) => [key, described.get(key)]));
    const unknown = sources.filter(({ key }) => answers.get(key) === undefined);
    if (unknown.length > 0) {
      const told = local.describe(unknown) ?? (await pool.describe(unknown));
      for (const [index, { key }] of unknown.entries()) {
        const description = told[index];
        answers.set(key, description);
        if (description !== undefined && !isTransient(description)) described.set(key, description);
      }
    }
    return sources.map(({ key }) => {
      const description = answers.get(key);
      if (description === undefined) throw new Error("the evaluator did not describe a program");
      return description;
    });
  };

  const evaluateAll = async (
    running: Engine,
    sources: readonly Source[],
    scope: Scope,
    until: Batch["until"],
  ): Promise<readonly RawAnswer[]> => {
    const descriptions = await describeAll(running, sources);
    const compiled = sources.filter((_, index) => descriptions[index]?.error === undefined);
    const names = descriptions.flatMap((description) => description.names);
    const evaluated = (await evaluateCompiled(running, compiled, names, scope, until)).values();
    const answers: RawAnswer[] = [];
    for (const { error } of descriptions) {
      const answer = error === undefined ? evaluated.next().value : ({ ok: false, error } as const);
      if (answer === undefined) break;
      answers.push(answer);
      if (isLast(until, answer)) break;
    }
    return answers;
  };

  const evaluateCompiled = async (
    running: Engine,
    sources: readonly Source[],
    names: readonly FreeName[],
    scope: Scope,
    until: Batch["until"],
  ): Promise<readonly RawAnswer[]> => {
    if (sources.length === 0) return [];
    const context = contextOf(scope, names);
    if (typeof context === "string") {
      return running.local.evaluate({ sources, context, steps: limits.steps, until }, running.pool);
    }
    if (sources.length === 1) return [context];
    const answers: RawAnswer[] = []; // together they read too much: one after the other
    for (const source of sources) {
      const [answer] = await evaluateAll(running, [source], scope, until);
      if (answer === undefined) throw new Error("the evaluator did not answer a program");
      answers.push(answer);
      if (isLast(until, answer)) break;
    }
    return answers;
  };

  const contextOf = (scope: Scope, names: readonly FreeName[]): string | (RawAnswer & { ok: false }) => {
    let context: string;
    try {
      context = serialiseScope(scope.layers, names);
    } catch (error) {
      if (!(error instanceof RangeError)) throw error;
      return errorOf(
        "memory",
        "the data that the program reads nests too deeply, or is too large, to be JSON",
      );
    }
    const bytes = context.length > limits.contextBytes / 4 ? Buffer.byteLength(context) : 0;
    if (bytes <= limits.contextBytes) return context;
    return errorOf(
      "memory",
      `the data that the program reads is ${bytes} bytes of JSON; the limit is ${limits.contextBytes}`,
    );
  };

  return {
    evaluate: async (programs, scope, { until } = {}) => {
      if (programs.length === 0) return [];
      const running = await engine();
      const answers = await evaluateAll(running, toSources(programs, scope.stateResults), scope, until);
      return answers.map((answer) => toEvaluation(answer, scope));
    },
    describe: async (programs, { stateResults = [] } = {}) => {
      const descriptions = await describeAll(await engine(), toSources(programs, stateResults));
      return descriptions.map(toDescription);
    },
    ready: async () => {
      await engine();
    },
    close: async () => {
      closed = true;
      const running = await started?.catch(() => undefined); // whoever asked has heard that it did not start
      await running?.pool.close();
    },
  };
}

async function startEngine(limits: Required<StarlarkOptions>): Promise<Engine> {
  const module = await loadModule(limits.memoryMiB);
  const pool = createPool(module, limits);
  try {
    await pool.warm(); // the code it compiles serves every instance: a local one now starts in milliseconds
    return { pool, local: createLocal(module, limits) };
  } catch (error) {
    await pool.close();
    throw error;
  }
}

/** Says something about this attempt, not about the text. */
function isTransient({ error }: RawDescription): boolean {
  return error !== undefined && error.kind !== "syntax";
}

function toEvaluation(answer: RawAnswer, scope: Scope): Evaluation {
  if (answer.ok) {
    try {
      return { ok: true, value: parseValue(answer.text), truth: answer.truth, steps: answer.steps };
    } catch (error) {
      if (error instanceof UnsafeInteger) return errorOf("result", error.message);
      throw error;
    }
  }
  const { error } = answer;
  if (error.kind !== "name") return answer;
  return { ok: false, error: { ...error, message: explainName(error.message, namesIn(scope.layers)) } };
}

/** Names that a builtin can stand in for are not among those that must exist. */
function toDescription({ error, names }: RawDescription): Description {
  const described = {
    names: names
      .filter(({ builtin }) => !builtin)
      .map(({ name, line, column, paths }) => ({
        name,
        line,
        column,
        paths: paths.map((path) => path.join(".")),
      })),
    usesCtx: names.some(({ name }) => name === "ctx"),
  };
  return error === undefined ? described : { ...described, error };
}
