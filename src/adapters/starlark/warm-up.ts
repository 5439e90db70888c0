import type { Evaluator } from "./evaluator.ts";
import { toSources } from "./program.ts";

const context = '{"result":{"error_rate":0.07,"items":[1,2.5,"three"]},"ctx":{"n":5}}';
const texts = [
  'result.error_rate > 0.05 and len(result.items) == 3 and str(ctx.n) + "%s" % ctx.n != ""',
  "xs = [x for x in result.items if x]\nresult = {str(i): x for i, x in enumerate(xs)}",
  "undefined_name",
  "1 +",
  "[x for x in range(1000000000)]",
];
const steps = 500;

/** V8 compiles a function when it is first called: calls those that the first evaluation would wait for. */
export function warmUp(evaluator: Evaluator): void {
  const programs = texts.map((text) => ({ mode: "transform", text }) as const);
  const scope = evaluator.load(context);
  for (const source of toSources(programs, ["result"])) {
    evaluator.describe(source);
    evaluator.evaluate(source, scope, steps);
  }
  evaluator.drop(scope);
}
