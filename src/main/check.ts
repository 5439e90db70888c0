import { createAgentRunner } from "../adapters/agents/runner.ts";
import { loadAgents } from "../adapters/files/agents.ts";
import { readDefinition } from "../adapters/files/definition.ts";
import { createSchemas } from "../adapters/json-schema/schemas.ts";
import { createStarlark } from "../adapters/starlark/starlark.ts";
import type { Check } from "../cli/deps.ts";
import type { Log } from "../engine/ports.ts";
import { checkDefinitionOnly, checkWorkflow } from "../engine/publish-workflow.ts";
import { systemClock } from "./station.ts";

const SILENT: Log = { info: () => {}, warn: () => {}, error: () => {} };

/** Checks workflow files without a server: what `stn validate` does. */
export function createCheck(environmentsDir: string): Check {
  const schemas = createSchemas();
  const expressions = createStarlark();
  const agents = createAgentRunner({
    load: (environment) => loadAgents(environmentsDir, environment),
    schemas,
    clock: systemClock,
    log: SILENT,
  });
  const ports = { definitions: { read: readDefinition }, expressions, schemas, agents };
  return async (source, environment) => {
    const { errors, warnings } =
      environment === null
        ? await checkDefinitionOnly(ports, source)
        : await checkWorkflow(ports, environment, source);
    return [...errors, ...warnings];
  };
}
