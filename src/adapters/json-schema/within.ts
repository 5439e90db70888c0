import { createContext, Script } from "node:vm";

/** Stands for the result of what was ended because it took too long. */
export const TOO_LONG = Symbol("took too long");

const sandbox: { work: (() => unknown) | null } = { work: null };
const context = createContext(sandbox);
const call = new Script("work()");

/**
 * Does something that may never end, for so many milliseconds at most. What it was at work on when it was ended may be
 * half changed: nothing of it is to be used again. Where the process stood still meanwhile, or the machine had others to
 * serve, the work is not to blame: it is begun anew (`isAgain`), with more time.
 */
export function within<Result>(
  limitMs: number,
  work: (isAgain: boolean) => Result,
): Result | typeof TOO_LONG {
  for (let patienceMs = limitMs; ; patienceMs *= 2) {
    const began = process.threadCpuUsage();
    sandbox.work = () => work(patienceMs > limitMs);
    try {
      return call.runInContext(context, { timeout: patienceMs }) as Result;
    } catch (error) {
      if ((error as { readonly code?: unknown }).code !== "ERR_SCRIPT_EXECUTION_TIMEOUT") throw error;
      const { user, system } = process.threadCpuUsage(began);
      if ((user + system) / 1000 > limitMs / 2) return TOO_LONG;
    } finally {
      sandbox.work = null;
    }
  }
}
