import { mkdir, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { type Api, createApi } from "./api.ts";
import type { Bench } from "./scenario.ts";
import { withServers } from "./servers.ts";
import { type Station, startStation } from "./station.ts";
import { ENVIRONMENT, type Workflow, writeEnvironments } from "./workflows.ts";

/** What a scenario needs beside Station itself: variables, and files of the environment by their path in it. */
export type Setting = {
  readonly env?: Readonly<Record<string, string>>;
  readonly files?: Readonly<Record<string, string>>;
};

async function prepare(directory: string, { files = {} }: Setting): Promise<void> {
  const environments = join(directory, "environments");
  await writeEnvironments(environments);
  for (const [path, text] of Object.entries(files)) {
    const file = join(environments, ENVIRONMENT, path);
    await mkdir(dirname(file), { recursive: true });
    await writeFile(file, text);
  }
}

/** One process on a file, with the in-process queue. */
export async function withEmbedded<T>(
  bench: Bench,
  workflows: readonly Workflow[],
  use: (embedded: { readonly api: Api; readonly station: Station; restart(): Promise<Api> }) => Promise<T>,
  setting: Setting = {},
): Promise<T> {
  const directory = await bench.directory("embedded");
  await prepare(directory, setting);
  const { env = {} } = setting;
  let station = await startStation("serve", directory, env);
  const apis = [createApi(station.url)];
  try {
    const [api] = apis as [Api];
    for (const workflow of workflows) await api.publish(workflow);
    return await use({
      api,
      station,
      async restart() {
        station = await startStation("serve", directory, env);
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
  use: (distributed: {
    readonly api: Api;
    /** Where the API is. */
    readonly url: string;
    readonly workers: readonly Station[];
  }) => Promise<T>,
  setting: Setting = {},
): Promise<T> {
  return withServers({ nats: true, sqld: true }, async ({ natsUrl, sqldUrl }) => {
    const directory = await bench.directory("distributed");
    await prepare(directory, setting);
    const env = {
      ...setting.env,
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
      return await use({ api, url: front.url, workers: stations.slice(1) });
    } finally {
      api?.close();
      await Promise.all(stations.map((station) => station.stop()));
    }
  });
}
