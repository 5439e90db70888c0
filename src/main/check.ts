import { join } from "node:path";
import { readDefinition } from "../adapters/files/definition.ts";
import { readEnvironment } from "../adapters/files/environments.ts";
import { loadMcpServers, readMcpServersFile } from "../adapters/files/mcp-servers.ts";
import { createSchemas } from "../adapters/json-schema/schemas.ts";
import { createStarlark } from "../adapters/starlark/starlark.ts";
import type { Check } from "../cli/deps.ts";
import { MCP_SERVERS_FILE } from "../cli/workflow-files.ts";
import type { Diagnostic } from "../core/definition/diagnostic.ts";
import { sourceOfFile } from "../engine/check-file.ts";
import type { DefinitionSource } from "../engine/ports/definitions.ts";
import { checkDefinitionOnly, reportWorkflow } from "../engine/publish-workflow.ts";
import { type AgentFiles, openCatalogue } from "./agents.ts";
import type { Config } from "./config.ts";

/** Where files are, and what expressions may cost. */
export type CheckSettings = AgentFiles & Partial<Pick<Config, "expressions">>;

/** Checks workflow files without a server: what `stn validate` does. Costs nothing before the first file. */
export function createCheck(files: CheckSettings): Check {
  let ports: ReturnType<typeof openCheckPorts> | null = null;
  return async (source, environment) => {
    if (MCP_SERVERS_FILE.test(source.file)) {
      const diagnostics = await checkServers(files.environmentsDir, environment, source);
      return { diagnostics, report: () => null };
    }
    ports ??= openCheckPorts(files);
    const { errors, warnings, report } =
      environment === null
        ? { ...(await checkDefinitionOnly(ports, source)), report: () => null }
        : await reportWorkflow(ports, environment, source);
    return { diagnostics: [...errors, ...warnings], report };
  };
}

/** Within its environment two files may also contradict each other. */
async function checkServers(
  environmentsDir: string,
  environment: string | null,
  { text, file }: DefinitionSource,
): Promise<readonly Diagnostic[]> {
  if (environment === null) return readMcpServersFile(text, file).problems;
  const { problems } = await loadMcpServers(environmentsDir, environment);
  const own = file.replaceAll("\\", "/");
  return problems.filter((problem) => own.endsWith(problem.file)).map(({ file: _, ...problem }) => problem);
}

/** What a workflow can be checked and rehearsed with, from files alone. */
export function openCheckPorts(files: CheckSettings) {
  const schemas = createSchemas();
  const agents = openCatalogue(files, schemas);
  const store = { workflows: { current: (environment: string) => workflowsOf(files, environment) } };
  const expressions = createStarlark(files.expressions);
  return { definitions: { read: readDefinition }, expressions, schemas, agents, store };
}

/** The workflows that an environment's files define, as far as they can be understood. */
async function workflowsOf({ environmentsDir }: AgentFiles, environment: string) {
  const files = await readEnvironment(join(environmentsDir, environment), ["workflow"]);
  return files.flatMap((file) => {
    if ("problem" in file) return [];
    const { definition } = readDefinition(sourceOfFile({ path: file.path, text: file.text }));
    return definition ? [{ definition }] : [];
  });
}
