import { forProgram } from "../settings.ts";
import type { CloudRunConfig } from "./config.ts";

/** A container's variable: plain, or a reference to a secret. */
type Variable =
  | { readonly name: string; readonly value: string }
  | {
      readonly name: string;
      readonly valueSource: { readonly secretKeyRef: { secret: string; version: string } };
    };

/** The variables of a program. `PORT` is Cloud Run's own and must not be among them. */
export function environmentOf(
  program: "api" | "worker",
  config: CloudRunConfig,
  drainMs: number,
): Variable[] {
  const plain = {
    ...forProgram(program, config.variables),
    STATION_DATABASE_URL: config.databaseUrl,
    STATION_NATS_URL: config.natsUrl,
    STATION_NATS_REPLICAS: String(config.natsReplicas),
    STATION_DRAIN_TIMEOUT_MS: String(drainMs),
  };
  return [
    ...Object.entries(plain).map(([name, value]) => ({ name, value })),
    ...Object.entries(forProgram(program, config.secrets)).map(([name, secret]) => ({
      name,
      valueSource: { secretKeyRef: { secret, version: config.secretVersion } },
    })),
  ];
}
