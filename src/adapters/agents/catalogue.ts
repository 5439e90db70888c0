import type { AgentCatalogue, FoundAgent, RenderedPrompt } from "../../engine/ports/agents.ts";
import type { Clock } from "../../engine/ports.ts";
import { createDirectories, type LoadAgents } from "./directory.ts";
import { infosOf } from "./infos.ts";
import { renderPrompt } from "./render.ts";
import { resolve } from "./resolve.ts";

export type CatalogueOptions = {
  readonly load: LoadAgents;
  /** Changes whenever `load` would answer otherwise, and costs little; without it every look is a `load`. */
  readonly version?: (environment: string) => Promise<string>;
  readonly clock: Clock;
};

/** A changed prompt file is seen by runs within this time. */
const RUN_AGE_MS = 1000;
/** Lists, and names that were not found, are looked up again after this time. */
const LOOK_AGAIN_AGE_MS = 50;

/** The agents of prompt files. Rejects only when the files cannot be read. */
export function createCatalogue(options: CatalogueOptions): AgentCatalogue {
  const directories = createDirectories(options);
  return {
    async find(environment, name): Promise<FoundAgent> {
      const young = directories(environment, RUN_AGE_MS);
      // awaited only when it must be: a step should not wait for what is at hand
      const found = resolve(young instanceof Promise ? await young : young, environment, name);
      if (found.ok) return found;
      return resolve(await directories(environment, LOOK_AGAIN_AGE_MS), environment, name);
    },
    async list(environment) {
      return infosOf(await directories(environment, LOOK_AGAIN_AGE_MS));
    },
    render: (agent, variables): RenderedPrompt => renderPrompt(agent, variables),
  };
}
