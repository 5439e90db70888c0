import { readDefinition } from "../../../src/adapters/files/definition.ts";
import { createSchemas } from "../../../src/adapters/json-schema/schemas.ts";
import { createStarlark } from "../../../src/adapters/starlark/starlark.ts";
import type { AgentInfo } from "../../../src/engine/ports/agent-runner.ts";
import { type Checked, checkWorkflow } from "../../../src/engine/publish-workflow.ts";

/** What saving a workflow checks, with everything that is real but the agents. */
export function createChecker(agents: readonly AgentInfo[]) {
  const expressions = createStarlark();
  const ports = {
    definitions: { read: readDefinition },
    schemas: createSchemas(),
    expressions,
    agents: { inReach: async () => ({ own: agents, others: {} }) },
  };
  return {
    check: (text: string): Promise<Checked> =>
      checkWorkflow(ports, "default", { text, format: "yaml", file: "workflow.yaml" }),
    close: () => expressions.close(),
  };
}
