import { isObject } from "../../core/json.ts";
import type { Models } from "../../engine/ports/agents.ts";
import type { Clock } from "../../engine/ports.ts";
import { aiModel } from "./ai-model.ts";
import { type AiConfig, priceOf, targetOf } from "./model-name.ts";
import { openScript } from "./script-model.ts";

/** The models that this installation can reach. */
export function createModels(config: AiConfig, clock: Clock): Models {
  return {
    open(agent, run) {
      const targeted = targetOf(agent.name, agent.model, config);
      if (!targeted.ok) return targeted;
      const { target } = targeted;
      if (target === "script") return openScript(agent, run);
      const settings = agent.raw["config"];
      return { ok: true, model: aiModel(target, isObject(settings) ? settings : {}, { config, clock }) };
    },
    problem({ name, model, maxCostUsd }) {
      const targeted = targetOf(name, model, config);
      if (!targeted.ok) return targeted.error.message;
      const { target } = targeted;
      if (maxCostUsd === undefined || target === "script" || priceOf(config, target)) return null;
      return `agent "${name}" may spend ${maxCostUsd} US dollars, and nothing says what the model "${target.id}" costs: it will not be asked; set its price in STATION_AI_PRICES`;
    },
  };
}
