import type { Evaluation, EvaluationError, Program, Scope } from "../../core/run/questions.ts";
import { loadModule } from "./artefact.ts";
import { createLocal, type Local } from "./local.ts";
import { Lru } from "./lru.ts";
import { createPool, type Pool } from "./pool.ts";
import {
  type Batch,
  errorOf,
  type FreeName,
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

/** What a program reads, or why it does not compile. */
export type Description = {
  readonly error?: EvaluationError;
  readonly names: readonly {
    readonly name: string;
    readonly line: number;
    readonly column: number;
    /** Dotted constant paths below the name; the empty one is the whole value. */
    readonly paths: readonly string[];
    /** A builtin of this name stands in when there is no such data. */
    readonly builtin: boolean;
  }[];
  readonly usesCtx: boolean;
};

/** Evaluates Starlark. Nothing a program does rejects a promise, stalls the process or kills it. */
export type Expressions = {
  /**
   * Evaluates all programs over one scope, in order. With `until: "first-true"` it stops after the first true
   * value; later programs are absent from the answer.
   */
  readonly evaluate: (
    programs: readonly Program[],
    scope: Scope,
    options?: { readonly until?: "first-true" | undefined },
  ) => Promise<readonly Evaluation[]>;
  /** Compiles without evaluating. */
  readonly describe: (
    programs: readonly Program[],
    options?: { readonly stateResults?: readonly string[] | undefined },
  ) => Promise<readonly Description[]>;
  /** Starts and warms the evaluator, which otherwise happens at the first question. */
  readonly ready: () => Promise<void>;
  readonly close: () => Promise<void>;
};

const defaults = {
  steps: 100_000,
  wallMs: 1_000,
  memoryMiB: 64,
  contextBytes: 4 << 20,
  threads: 2,
  localSteps: 2_000,
} satisfies Required<StarlarkOptions>;

const descriptionsKept = 4096;

type Engine = { readonly pool: Pool; readonly local: Local };

/** Creates the evaluator; nothing is loaded before the first question or `ready()`. */
export function createStarlark(options: StarlarkOptions = {}): Expressions {
  const limits = { ...defaults, ...options };
  const described = new Lru<RawDescription>(descriptionsKept);
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

  const describeAll = async ({ pool, local }: Engine, sources: readonly Source[]) => {
    const unknown = sources.filter(({ key }) => described.get(key) === undefined);
    const answers = local.describe(unknown) ?? (await pool.describe(unknown));
    for (const [index, source] of unknown.entries()) {
      const answer = answers[index];
      if (answer !== undefined && !isTransient(answer)) described.set(source.key, answer);
    }
    return sources.map(
      ({ key }) => described.get(key) ?? answers[unknown.findIndex((it) => it.key === key)] ?? unknownNames,
    );
  };

  const evaluateAll = async (
    running: Engine,
    sources: readonly Source[],
    scope: Scope,
    until: "first-true" | undefined,
  ): Promise<readonly RawAnswer[]> => {
    const names = (await describeAll(running, sources)).flatMap((description) => description.names);
    const context = contextOf(scope, names);
    if (typeof context === "string")
      return running.local.evaluate({ sources, context, steps: limits.steps, until }, running.pool);
    if (sources.length === 1) return [context];
    const answers: RawAnswer[] = []; // too much together: one after the other
    for (const source of sources) {
      const [answer] = await evaluateAll(running, [source], scope, until);
      if (answer === undefined) continue;
      answers.push(answer);
      if (until === "first-true" && answer.ok && answer.truth) break;
    }
    return answers;
  };

  const contextOf = (scope: Scope, names: readonly FreeName[]): string | (RawAnswer & { ok: false }) => {
    let context: string;
    try {
      context = serialiseScope(scope.layers, names);
    } catch (error) {
      if (error instanceof RangeError)
        return errorOf("memory", "the data that the program reads nests too deeply");
      throw error;
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

const unknownNames: RawDescription = { names: [] };

async function startEngine(limits: Required<StarlarkOptions>): Promise<Engine> {
  const module = await loadModule(limits.memoryMiB);
  const pool = createPool(module, limits);
  await pool.warm(); // the code it compiles serves every instance: after this, a local one starts in milliseconds
  return { pool, local: createLocal(module, limits) };
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

function toDescription({ error, names }: RawDescription): Description {
  const described = {
    names: names.map((name) => ({ ...name, paths: name.paths.map((path) => path.join(".")) })),
    usesCtx: names.some(({ name }) => name === "ctx"),
  };
  return error === undefined ? described : { ...described, error };
}
