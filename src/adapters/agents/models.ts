import type { Models } from "../../engine/ports/agents.ts";
import { noModel, SCRIPT_MODEL } from "./errors.ts";
import { openScript } from "./script-model.ts";

/** The models that this installation can reach. */
export function createModels(): Models {
  return {
    open(agent, run) {
      if (agent.model === SCRIPT_MODEL) return openScript(agent, run);
      return { ok: false, error: noModel(agent.name, agent.model) };
    },
    problem: () => null,
  };
}
