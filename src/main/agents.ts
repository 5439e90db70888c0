import { createCatalogue } from "../adapters/agents/catalogue.ts";
import type { AiConfig } from "../adapters/agents/model-name.ts";
import { createModels } from "../adapters/agents/models.ts";
import { type Redact, redacted } from "../core/agent/redact.ts";
import type { JsonObject } from "../core/json.ts";
import { confidentialStore } from "../engine/agent/confidential-store.ts";
import { createAgentRunner } from "../engine/agent/runner.ts";
import { pause } from "../engine/pause.ts";
import type { AgentRunner } from "../engine/ports/agent-runner.ts";
import type { AgentCatalogue, AgentProgress } from "../engine/ports/agents.ts";
import type { TaskQueue } from "../engine/ports/queue.ts";
import type { Schemas } from "../engine/ports/schemas.ts";
import type { ToolSource } from "../engine/ports/tools.ts";
import type { Vault } from "../engine/ports/vault.ts";
import type { Log, Store } from "../engine/ports.ts";
import { systemClock } from "./clock.ts";
import type { Config } from "./config.ts";
import { environmentSources } from "./environment-files.ts";

/** Where agents' files are, and which environments may name those of which others. */
export type AgentFiles = Pick<Config, "environmentsDir"> & Partial<Pick<Config, "crossings">>;

/** The agents of the files below `environmentsDir`, or of wherever else they are read from. */
export function openCatalogue(
  { environmentsDir, crossings = [] }: AgentFiles,
  schemas: Schemas,
  { agents } = environmentSources(environmentsDir, () => null),
): AgentCatalogue {
  return createCatalogue({ ...agents, crossings, schemas, clock: systemClock });
}

/** What runs agents in this process. */
export function openAgentRunner(world: {
  readonly catalogue: AgentCatalogue;
  readonly tools: ToolSource;
  readonly store: Store;
  readonly schemas: Schemas;
  readonly log: Log;
  readonly ai: AiConfig;
  readonly redact: Redact;
  /** Of what is known to be secret alone. */
  readonly hideKnown: Redact;
  readonly vault: Vault | undefined;
  readonly queue: Pick<TaskQueue, "tell">;
}): AgentRunner {
  const { ai, queue, redact, hideKnown, vault, catalogue, tools, store, schemas, log } = world;
  return createAgentRunner({
    catalogue,
    models: createModels(ai, systemClock),
    tools,
    store: confidentialStore(store.agents, { redact, hideKnown, vault }),
    approvals: store.queries,
    schemas,
    clock: systemClock,
    log,
    redact,
    onProgress: (progress) =>
      queue.tell(redacted(progress as unknown as JsonObject, redact) as unknown as AgentProgress),
    sleep: pause,
  });
}
