import { createContext, Script } from "node:vm";

/** Stands for the result of what was ended because it took too long. */
export const TOO_LONG = Symbol("took too long");

const sandbox: { work: (() => unknown) | null } = { work: null };
const context = createContext(sandbox);
const call = new Script("work()");

/**
 * Does something that may never end, for so many milliseconds at most. What it was at work on when it was ended may be
 * half changed: nothing of it is to be used again.
 */
export function within<Result>(limitMs: number, work: () => Result): Result | typeof TOO_LONG {
  sandbox.work = work;
  try {
    return call.runInContext(context, { timeout: limitMs }) as Result;
  } catch (error) {
    if ((error as { readonly code?: unknown }).code === "ERR_SCRIPT_EXECUTION_TIMEOUT") return TOO_LONG;
    throw error;
  } finally {
    sandbox.work = null;
  }
}
