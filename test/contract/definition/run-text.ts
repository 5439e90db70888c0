import { createUnderstudy } from "../../../src/adapters/agents/understudy.ts";
import { readDefinition } from "../../../src/adapters/files/definition.ts";
import { createSchemas } from "../../../src/adapters/json-schema/schemas.ts";
import { createStarlark } from "../../../src/adapters/starlark/starlark.ts";
import { hasErrors } from "../../../src/core/definition/diagnostic.ts";
import type { JsonObject, JsonValue } from "../../../src/core/json.ts";
import type { Expressions } from "../../../src/engine/ports/expressions.ts";
import { rehearse } from "../../../src/engine/rehearsal/rehearse.ts";
import { outturnOf } from "../../../src/engine/rehearsal/run-test.ts";
import { simulatedAgent } from "../../support/simulated-agent.ts";

/** What runs texts, on an evaluator of its own. */
export function createRunner() {
  const starlark = createStarlark();
  return {
    ready: () => starlark.ready(),
    close: () => starlark.close(),
    /** Runs a workflow to its end: its agents answer `answer`, everybody agrees and every signal comes. */
    run: (text: string, answer: JsonValue = { status: "ok" }, input: JsonObject = {}) =>
      runText(starlark, text, answer, input),
  };
}

const schemas = createSchemas();
const understudy = createUnderstudy(async () => [simulatedAgent("worker")], schemas);

async function runText(expressions: Expressions, text: string, answer: JsonValue, input: JsonObject) {
  const { definition, diagnostics } = readDefinition({ text, format: "yaml", file: "w.workflow.yaml" });
  if (!definition || hasErrors(diagnostics))
    throw new Error(diagnostics.map(({ message }) => message).join("; "));
  const line = { says: { output: answer }, with: null, takesMs: 0, unchecked: true, pointer: "" };
  const scenario = {
    input,
    agents: { worker: [line] },
    workflows: {},
    approvals: {},
    signals: [],
    assumesConsent: true,
  };
  const result = await rehearse(
    { expressions, schemas, understudy },
    { definition, environment: "default", version: 1, scenario },
  );
  if (result.status !== "rehearsed") throw new Error("the input was refused");
  const outturn = outturnOf(result.rehearsed);
  return { ...outturn, path: outturn.paths[""], warnings: diagnostics.map(({ code }) => code) };
}
