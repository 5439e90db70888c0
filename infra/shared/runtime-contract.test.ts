import { once } from "node:events";
import { get, type IncomingMessage } from "node:http";
import { describe, expect, it } from "vitest";
import { metricLine } from "../../src/adapters/metrics/cloudwatch.ts";
import { HEARTBEAT_MS } from "../../src/http/client/silence.ts";
import { routeList } from "../../src/http/contract.ts";
import { serveHttp } from "../../src/http/serve.ts";
import { describeProblems, loadConfig, problemsOfWorker } from "../../src/main/config.ts";
import { NAMES, SECRETS } from "../../src/main/environment-reader.ts";
import {
  drainTimeoutMs,
  IDLE_SECONDS,
  IMAGE_ENV,
  LOAD,
  NOT_FOR_PLATFORMS,
  PATHS,
  PORTS,
  problemsOfEnvironment,
  VARIABLES,
} from "./runtime-contract.ts";

const DEPLOYED = {
  ...IMAGE_ENV,
  STATION_AUTH: "off",
  STATION_DATABASE_URL: "libsql://station.example",
  STATION_DATABASE_AUTH_TOKEN: "token",
  STATION_NATS_URL: "tls://connect.ngs.global",
  STATION_NATS_CREDS: "creds",
  STATION_NATS_REPLICAS: "3",
  STATION_DRAIN_TIMEOUT_MS: String(drainTimeoutMs(60)),
};

describe("what the platforms set, held against what the program reads", () => {
  it("every variable is one the program knows, and the program takes it for a secret where the platforms do", () => {
    for (const [name, { isSecret }] of Object.entries(VARIABLES)) {
      expect(NAMES).toContain(name);
      expect([name, SECRETS.has(name)]).toEqual([name, isSecret]);
    }
  });

  it("every variable the program knows can be set on the platforms, or is named as one that cannot", () => {
    expect([...Object.keys(VARIABLES), ...NOT_FOR_PLATFORMS].toSorted()).toEqual([...NAMES].toSorted());
  });

  it("a deployment of all of it starts without a word of complaint, the worker too", () => {
    const loaded = loadConfig(DEPLOYED);
    expect(loaded.ok ? "" : describeProblems(loaded.problems)).toBe("");
    expect(loaded.warnings).toEqual([]);
    expect(loaded.ok && problemsOfWorker(loaded.config)).toEqual([]);
    expect(loaded.ok && loaded.config).toMatchObject({
      http: { host: "*", port: PORTS.http },
      admin: { host: "*", port: PORTS.admin },
      drainTimeoutMs: 50_000,
    });
  });

  it("what scales workers and wakes people is what the API logs", () => {
    const line = JSON.parse(metricLine("prod", 0, { backlog: 3, workers: 1, oldestMs: 0 }));
    const [{ Namespace, Dimensions, Metrics }] = line._aws.CloudWatchMetrics;
    expect([Namespace, Dimensions]).toEqual([LOAD.namespace, [["station"]]]);
    const names = Metrics.map(({ Name }: { readonly Name: string }) => Name);
    expect(names).toEqual(expect.arrayContaining([LOAD.backlogPerWorker, LOAD.oldestTask]));
  });

  it("the paths that load balancers ask are routes of the API, open to everybody", () => {
    for (const path of [PATHS.alive, PATHS.ready])
      expect(routeList.find(([, route]) => route.path === path)?.[1]).toMatchObject({ isPublic: true });
  });
});

it("a connection that nobody uses is closed by the load balancer, before the program does and not while a stream is silent", async () => {
  const served = await serveHttp({ app: { fetch: () => new Response() }, port: 0, host: "127.0.0.1" });
  const [answer] = (await once(get(served.url), "response")) as [IncomingMessage];
  answer.resume();
  await served.close();
  const [, keptSeconds] = /timeout=(\d+)/.exec(String(answer.headers["keep-alive"])) ?? [];
  expect(IDLE_SECONDS).toBeLessThan(Number(keptSeconds));
  expect(IDLE_SECONDS * 1000).toBeGreaterThan(2 * HEARTBEAT_MS);
});

it("draining ends before the platform's patience does", () => {
  for (const killSeconds of [10, 30, 60, 120, 300]) {
    expect(drainTimeoutMs(killSeconds)).toBeLessThanOrEqual(killSeconds * 1000 - 2000);
    expect(drainTimeoutMs(killSeconds)).toBeGreaterThan(0);
  }
});

it("says what is unknown, misplaced, missing, or a secret that lies open", () => {
  const urls = ["STATION_DATABASE_URL", "STATION_NATS_URL", "STATION_DRAIN_TIMEOUT_MS"];
  expect(problemsOfEnvironment("worker", { plain: urls, secret: ["STATION_NATS_CREDS"] })).toEqual([]);
  expect(
    problemsOfEnvironment("worker", {
      plain: ["STATION_DATABASE_URL", "STATION_DRAIN_TIMEOUT_MS", "STATION_NATS_CREDS", "STATION_NATS_URI"],
      secret: ["STATION_AUTH"],
    }),
  ).toEqual([
    "STATION_NATS_CREDS is a secret, set in plain text",
    "STATION_NATS_URI is not known",
    "STATION_AUTH is not for worker",
    "STATION_NATS_URL is missing",
  ]);
});
