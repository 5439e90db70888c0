import { isObject } from "../../../core/json.ts";
import type { Step } from "../../../core/run/run.ts";
import { useAgents } from "../../agents/use-agents.ts";
import type { Inspected } from "./inspector.tsx";

/** Which of an agent's schemas were checked at this step, and whether they held; nothing where none was. */
export function SchemaChecks({ view, step, trail, state }: Inspected) {
  // Whether its output fitted was purged with the output.
  if (view.purgedAt !== null) return null;
  const hasAgent = trail.action === "agent.run" && step.reusedFrom === null && step.attempt > 0;
  return hasAgent && state && "agent" in state ? (
    <OfAgent name={state.agent} step={step} environment={view.run.workflow.environment} />
  ) : null;
}

function OfAgent({
  name,
  step,
  environment,
}: {
  readonly name: string;
  readonly step: Step;
  readonly environment: string;
}) {
  const { data } = useAgents(environment);
  const agent = data?.items.find((one) => one.name === name || one.aliases.includes(name));
  const { progress, validation } = step;
  const isDone = progress.status === "SUCCEEDED";
  const isRefused = progress.status === "FAILED" && progress.error.code === "SCHEMA_VALIDATION_INPUT";
  const isBroken = isObject(validation) && validation["code"] === "SCHEMA_VALIDATION_OUTPUT";
  const checks = [
    isRefused ? "input ✕" : isDone && agent?.inputSchema ? "input ✓" : null,
    isBroken ? "output ✕" : isDone && agent?.outputSchema ? "output ✓" : null,
  ].filter((check) => check !== null);
  if (checks.length === 0) return null;
  return (
    <>
      <dt>Schema</dt>
      <dd title={`What the file of ${name} asks of input and output: ✓ it held, ✕ it did not`}>
        {checks.join(" · ")}
      </dd>
    </>
  );
}
