import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";

const { FUZZ_SECONDS } = process.env;
/** How long each property is tried, in seconds. */
const SECONDS = Number(FUZZ_SECONDS ?? 1.5);
/** At most so many cases where nobody asked for more: a quick machine tries no others than a slow one. */
const MOST = FUZZ_SECONDS === undefined ? 300 : 1_000_000_000;
const SEED = Number(process.env["FUZZ_SEED"] ?? 20_261_129);
/** Where in a seed's cases a failure was, as fast-check prints it: only that one is tried. */
const PATH = process.env["FUZZ_PATH"];

/** What one case may take before it counts as hanging, in milliseconds; an idle machine needs a hundredth of it. */
const HANGS_MS = 10_000;

/** What a fuzz test may take: its time, and one case that hangs. */
export const TIMEOUT_MS = SECONDS * 1000 + 6 * HANGS_MS;

/** Tries cases until the time is over. A failure names seed, path and the smallest case that was found meanwhile. */
export async function fuzz<Case>(
  cases: fc.Arbitrary<Case>,
  holds: (one: Case) => void | Promise<void>,
): Promise<void> {
  await fc.assert(
    fc.asyncProperty(cases, (one) => inTime(one, holds)),
    {
      seed: SEED,
      ...(PATH !== undefined && { path: PATH }),
      numRuns: MOST,
      interruptAfterTimeLimit: SECONDS * 1000,
      markInterruptAsFailure: false,
    },
  );
}

/** Holds for one case, and comes to an end. */
export async function inTime<Case>(one: Case, holds: (one: Case) => void | Promise<void>): Promise<void> {
  const began = performance.now();
  const late = Promise.withResolvers<never>();
  const timer = setTimeout(() => late.reject(new Error(`no end after ${HANGS_MS} ms`)), HANGS_MS);
  try {
    await Promise.race([holds(one), late.promise]);
  } finally {
    clearTimeout(timer);
  }
  const ms = performance.now() - began;
  if (ms > HANGS_MS) throw new Error(`took ${Math.round(ms)} ms`);
}

/** Cases that once broke something, by the name of their file; a kind without any has no folder. */
export function found(kind: string): readonly { readonly name: string; readonly text: string }[] {
  const folder = join(import.meta.dirname, "found", kind);
  if (!existsSync(folder)) return [];
  return readdirSync(folder)
    .sort()
    .map((name) => ({ name, text: readFileSync(join(folder, name), "utf8") }));
}
