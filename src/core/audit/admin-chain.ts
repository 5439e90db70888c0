import { hash } from "node:crypto";

/** An administrative event as it is kept: `data` is its JSON text, character by character. */
export type AdminText = {
  readonly position: number;
  readonly id: string;
  readonly at: number;
  readonly actor: string;
  readonly channel: string;
  readonly action: string;
  readonly environment: string | null;
  readonly subject: string;
  readonly data: string;
};

/** Where the chain of administrative events begins. */
export const ADMIN_CHAIN_START = hash("sha256", "station:admin");

/** The chain's next hash (64 hex digits): over the previous one and everything that is kept of the event. */
export function adminHash(previous: string, event: AdminText): string {
  const { position, id, at, actor, channel, action, environment, subject, data } = event;
  const link = [position, id, at, actor, channel, action, environment, subject, hash("sha256", data)];
  return hash("sha256", `${previous}\n${JSON.stringify(link)}`);
}
