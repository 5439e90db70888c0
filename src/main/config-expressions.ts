import { defaultLimits, type StarlarkOptions } from "../adapters/starlark/starlark.ts";
import { type Environment, type Problem, Reader } from "./environment-reader.ts";

/** What one evaluation may cost, and how many may go on at once. */
export type ExpressionLimits = Required<
  Pick<StarlarkOptions, "steps" | "wallMs" | "memoryMiB" | "contextBytes" | "threads">
>;

const MIB = 1 << 20;

export function expressionLimitsOf(read: Reader): ExpressionLimits {
  const { steps, wallMs, memoryMiB, contextBytes, threads } = defaultLimits;
  const whole = true;
  // A thread has 64 MiB of its own for what it is sent.
  const dataMiB = read.number("STATION_EXPRESSION_DATA_MIB", contextBytes / MIB, { from: 1, to: 16 });
  return {
    steps: read.number("STATION_EXPRESSION_STEPS", steps, { from: 1000, to: 100_000_000, whole }),
    wallMs: read.number("STATION_EXPRESSION_TIMEOUT_MS", wallMs, { from: 100, to: 60_000, whole }),
    memoryMiB: read.number("STATION_EXPRESSION_MEMORY_MIB", memoryMiB, { from: 32, to: 1024, whole }),
    contextBytes: Math.floor(dataMiB * MIB),
    threads: read.number("STATION_EXPRESSION_THREADS", threads, { from: 1, to: 64, whole }),
  };
}

/** The same for a command that evaluates without a server; a limit that is wrong is the default, and told of. */
export function limitsOf(env: Environment): {
  readonly expressions: ExpressionLimits;
  readonly problems: readonly Problem[];
} {
  const read = new Reader(env);
  const expressions = expressionLimitsOf(read);
  const loaded = read.result(expressions);
  return { expressions, problems: loaded.ok ? [] : loaded.problems };
}
