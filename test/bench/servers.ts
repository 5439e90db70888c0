import { type NatsServer, type SqldServer, startNats, startSqld } from "../support/servers.ts";

/** Lends real servers for as long as `use` takes; each comes fresh and goes with everything it kept. */
export async function withServers<T>(
  wanted: { readonly nats: boolean; readonly sqld: boolean },
  use: (urls: { readonly natsUrl: string | null; readonly sqldUrl: string | null }) => Promise<T>,
): Promise<T> {
  let nats: NatsServer | null = null;
  let sqld: SqldServer | null = null;
  try {
    if (wanted.nats) nats = await startNats();
    if (wanted.sqld) sqld = await startSqld();
    return await use({ natsUrl: nats?.url ?? null, sqldUrl: sqld?.url ?? null });
  } finally {
    await nats?.remove();
    await sqld?.remove();
  }
}
