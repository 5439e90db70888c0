import { readFileSync } from "node:fs";
import { loadModule } from "../artefact.ts";
import { createEvaluator } from "../evaluator.ts";
import { toSources } from "../program.ts";

/** How many of the library's own assertions the evaluator passes, and where the others stand. */
export type Conformance = {
  readonly cases: number;
  readonly passed: number;
  /** file:line, separated by blanks. */
  readonly failing: string;
};

type Case = {
  readonly file: string;
  readonly line: number;
  readonly expression: string;
  /** A pattern of the error it must fail with. */
  readonly error?: string;
};

const memoryMiB = 64;
const steps = 1_000_000;

/** Runs the cases that `cmd/extract` took from the library's tests. */
export async function runConformance(casesPath: string): Promise<Conformance> {
  const cases: readonly Case[] = JSON.parse(readFileSync(casesPath, "utf8"));
  const evaluator = createEvaluator(await loadModule(memoryMiB), memoryMiB);
  const scope = evaluator.load("{}");
  const failing = cases.filter((test) => {
    const [source] = toSources([{ mode: "expression", text: test.expression }], []);
    if (source === undefined) throw new Error("no source");
    const answer = evaluator.evaluate(source, scope, steps);
    if (test.error === undefined) return !(answer.ok && answer.text === "true");
    return answer.ok || !matches(test.error, answer.error.message);
  });
  return {
    cases: cases.length,
    passed: cases.length - failing.length,
    failing: failing.map(({ file, line }) => `${file}:${line}`).join(" "),
  };
}

/** The patterns are Go's; the few that JavaScript cannot read only say that it fails. */
function matches(pattern: string, message: string): boolean {
  let compiled: RegExp;
  try {
    compiled = new RegExp(pattern);
  } catch (error) {
    if (error instanceof SyntaxError) return true;
    throw error;
  }
  return compiled.test(message);
}
