import type { AgentCatalogue, AgentProgress, AgentStore, Models } from "../ports/agents.ts";
import type { Queries } from "../ports/queries.ts";
import type { Schemas } from "../ports/schemas.ts";
import type { ToolSource } from "../ports/tools.ts";
import type { Clock, Log } from "../ports.ts";

/** Everything an agent at work needs of the world. */
export type Means = {
  readonly catalogue: AgentCatalogue;
  readonly models: Models;
  readonly tools: ToolSource;
  readonly store: AgentStore;
  /** Where people's decisions are. */
  readonly approvals: Pick<Queries, "approval">;
  readonly schemas: Schemas;
  readonly clock: Clock;
  readonly log: Log;
  /** Hides secrets in what tools answer, before the model or the database see it. */
  readonly redact: (text: string) => string;
  readonly onProgress: (progress: AgentProgress) => void;
  /** Waits, or until the signal aborts. */
  readonly sleep: (ms: number, signal: AbortSignal) => Promise<void>;
};
