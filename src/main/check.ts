import { readDefinition } from "../adapters/files/definition.ts";
import { createSchemas } from "../adapters/json-schema/schemas.ts";
import { createStarlark } from "../adapters/starlark/starlark.ts";
import type { Check } from "../cli/deps.ts";
import { checkDefinitionOnly, checkWorkflow } from "../engine/publish-workflow.ts";
import { openCatalogue } from "./agents.ts";

/** Checks workflow files without a server: what `stn validate` does. Costs nothing before the first file. */
export function createCheck(environmentsDir: string): Check {
  let ports: ReturnType<typeof openCheckPorts> | null = null;
  return async (source, environment) => {
    ports ??= openCheckPorts(environmentsDir);
    const { errors, warnings } =
      environment === null
        ? await checkDefinitionOnly(ports, source)
        : await checkWorkflow(ports, environment, source);
    return [...errors, ...warnings];
  };
}

/** What a workflow can be checked and rehearsed with, from files alone. */
export function openCheckPorts(environmentsDir: string) {
  const schemas = createSchemas();
  const agents = openCatalogue(environmentsDir);
  return { definitions: { read: readDefinition }, expressions: createStarlark(), schemas, agents };
}
