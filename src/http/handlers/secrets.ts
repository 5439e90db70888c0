import { resealSecrets, type SecretsStanding, secretsStanding } from "../../engine/kept-secrets.ts";
import type { Handlers } from "../handler.ts";
import type { HttpPorts } from "../ports.ts";
import { HttpProblem } from "../problems.ts";

const AT_ONCE = 100;

/** The secrets that are kept, by their keys. */
export function secretHandlers(ports: HttpPorts): Handlers<"getSecrets" | "resealSecrets"> {
  return {
    getSecrets: async () => ({ body: json(await secretsStanding(ports)) }),

    async resealSecrets({ body: { limit = AT_ONCE }, by }) {
      const { vault } = ports;
      if (!vault)
        throw new HttpProblem("secrets-off", "STATION_SECRET_KEYS is not set: there is no key to seal with");
      const { resealed, ...standing } = await resealSecrets({ ...ports, vault }, by, limit);
      return { body: { resealed, ...json(standing) } };
    },
  };
}

function json({ newest, older, unreadable }: SecretsStanding) {
  return { newest, older: [...older], unreadable: [...unreadable] };
}
