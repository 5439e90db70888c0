import { join } from "node:path";
import { type Api, createApi } from "./api.ts";
import type { Bench } from "./scenario.ts";
import { withServers } from "./servers.ts";
import { type Station, startStation } from "./station.ts";
import { type Workflow, writeEnvironments } from "./workflows.ts";

/** One process on a file, with the in-process queue. */
export async function withEmbedded<T>(
  bench: Bench,
  workflows: readonly Workflow[],
  use: (embedded: { readonly api: Api; readonly station: Station; restart(): Promise<Api> }) => Promise<T>,
): Promise<T> {
  const directory = await bench.directory("embedded");
  await writeEnvironments(join(directory, "environments"));
  let station = await startStation("serve", directory, {});
  const apis = [createApi(station.url)];
  try {
    const [api] = apis as [Api];
    for (const workflow of workflows) await api.publish(workflow);
    return await use({
      api,
      station,
      async restart() {
        station = await startStation("serve", directory, {});
        const again = createApi(station.url);
        apis.push(again);
        return again;
      },
    });
  } finally {
    for (const api of apis) api.close();
    await station.stop();
  }
}

/** An API and `workers` workers of their own, which share an sqld and a nats-server. */
export function withDistributed<T>(
  bench: Bench,
  workers: number,
  workflows: readonly Workflow[],
  use: (distributed: { readonly api: Api; readonly workers: readonly Station[] }) => Promise<T>,
): Promise<T> {
  return withServers({ nats: true, sqld: true }, async ({ natsUrl, sqldUrl }) => {
    const directory = await bench.directory("distributed");
    await writeEnvironments(join(directory, "environments"));
    const env = {
      STATION_NATS_URL: natsUrl ?? "",
      STATION_DATABASE_URL: (sqldUrl ?? "").replace(/^http/, "ws"),
    };
    const stations: Station[] = [];
    let api: Api | null = null;
    try {
      const front = await startStation("api", directory, env);
      stations.push(front);
      for (let count = 0; count < workers; count++)
        stations.push(await startStation("worker", directory, env));
      api = createApi(front.url);
      for (const workflow of workflows) await api.publish(workflow);
      return await use({ api, workers: stations.slice(1) });
    } finally {
      api?.close();
      await Promise.all(stations.map((station) => station.stop()));
    }
  });
}
