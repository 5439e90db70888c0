import { stringify } from "smol-toml";
import { z } from "zod";
import { autoscaler } from "./autoscaler.ts";
import { nats } from "./nats.ts";
import { FlyConfig } from "./schema.ts";
import { station, worker } from "./station.ts";

const HEAD = "# Written by `npm run fly` from infra/fly: change it there.\n";

/** The committed files and what is in them. */
export const files = {
  "station.toml": render(station),
  "worker.toml": render(worker),
  "autoscaler.toml": render(autoscaler),
  "nats.toml": render(nats),
} as const;

/** The TOML that a configuration comes to; throws with all that is wrong with it. */
export function render(config: FlyConfig): string {
  const parsed = FlyConfig.safeParse(config);
  if (!parsed.success) throw new Error(`${config.app}:\n${z.prettifyError(parsed.error)}`);
  return `${HEAD}${stringify(parsed.data)}\n`;
}
