import { createCatalogue } from "../../src/adapters/agents/catalogue.ts";
import type { LoadAgents } from "../../src/adapters/agents/directory.ts";
import type { AiConfig } from "../../src/adapters/agents/model-name.ts";
import { createModels } from "../../src/adapters/agents/models.ts";
import { createSchemas } from "../../src/adapters/json-schema/schemas.ts";
import type { Crossing } from "../../src/core/definition/agent-reference.ts";
import type { Means } from "../../src/engine/agent/means.ts";
import { createAgentRunner } from "../../src/engine/agent/runner.ts";
import { keepsNothing } from "../../src/engine/agent/unkept.ts";
import { pause } from "../../src/engine/pause.ts";
import type { AgentRunner } from "../../src/engine/ports/agent-runner.ts";
import type { Clock, Log } from "../../src/engine/ports.ts";
import { NO_TOOLS } from "./no-tools.ts";

type TestRunner = {
  readonly load: LoadAgents;
  readonly version?: (environment: string) => Promise<string>;
  readonly crossings?: readonly Crossing[];
  readonly clock: Clock;
  readonly log: Log;
} & Partial<Omit<Means, "catalogue">>;

/** Nothing is set: only scripts can run. */
const NO_MODELS: AiConfig = {
  override: null,
  provider: null,
  model: null,
  keys: { STATION_AI_API_KEY: null, OPENAI_API_KEY: null, ANTHROPIC_API_KEY: null, GEMINI_API_KEY: null },
  baseUrl: null,
  baseUrls: {},
  streams: true,
  prices: {},
};

/** A runner as Station's own; what a test does not care about is left out: no tools, nothing kept. */
export function createTestRunner({
  load,
  version,
  crossings = [],
  clock,
  log,
  schemas = createSchemas(),
  ...parts
}: TestRunner): AgentRunner {
  return createAgentRunner({
    catalogue: createCatalogue({ load, clock, crossings, ...(version ? { version } : {}) }),
    models: createModels(NO_MODELS, clock),
    tools: NO_TOOLS,
    store: keepsNothing(),
    approvals: { approval: async () => null },
    schemas,
    clock,
    log,
    redact: (text) => text,
    onProgress: () => {},
    sleep: pause,
    ...parts,
  });
}
