import { readdirSync, readFileSync } from "node:fs";
import { runInNewContext } from "node:vm";
import { parse } from "smol-toml";
import { describe, expect, it } from "vitest";
import { ENTRY, PATHS, PORTS, problemsOfEnvironment, VARIABLES } from "../shared/runtime-contract.ts";
import { AUTOSCALER_SECRETS, autoscaler, SCALE } from "./autoscaler.ts";
import { NATS_SECRETS, nats } from "./nats.ts";
import { files, render } from "./render.ts";
import { FlyConfig } from "./schema.ts";
import { KILL_SECONDS, SECRETS, station, worker } from "./station.ts";

it.each(Object.entries(files))("%s is what its source says, and parses back to it", (name, text) => {
  const committed = readFileSync(new URL(`../../deploy/fly/${name}`, import.meta.url), "utf8");
  expect(committed).toBe(text);
  expect(FlyConfig.safeParse(parse(committed)).error).toBeUndefined();
});

it("no file is there that has no source", () => {
  const committed = readdirSync(new URL("../../deploy/fly/", import.meta.url));
  expect(committed.sort()).toEqual(Object.keys(files).sort());
});

describe("Station", () => {
  it.each([
    ["api", station],
    ["worker", worker],
  ] as const)("gives the %s every variable it needs, and only its own secrets", (program, app) => {
    const set = { plain: Object.keys(app.env), secret: SECRETS[program] };
    expect(problemsOfEnvironment(program, set)).toEqual([]);
    expect(app.processes).toEqual({ [program]: ENTRY[program] });
    expect(app.build["build-target"]).toBe(program);
    for (const name of SECRETS[program]) expect(VARIABLES[name].programs).toContain(program);
  });

  it("has drained before Fly kills", () => {
    for (const app of [station, worker]) {
      expect(app.kill_timeout).toBe(KILL_SECONDS);
      expect(Number(app.env["STATION_DRAIN_TIMEOUT_MS"])).toBeLessThan(KILL_SECONDS * 1000);
    }
  });

  it("serves the API only, and asks both for their health where they answer", () => {
    expect(station.http_service).toMatchObject({
      processes: ["api"],
      internal_port: PORTS.http,
      auto_stop_machines: "off",
    });
    expect(station.http_service?.checks).toMatchObject([{ path: PATHS.ready }]);
    expect(worker.http_service).toBeUndefined();
    expect(worker.checks).toMatchObject({
      worker_health: { port: PORTS.admin, path: PATHS.ready, processes: ["worker"] },
    });
  });

  it("moves the tables before it moves the programs", () => {
    expect(station.deploy).toEqual({ strategy: "rolling", release_command: ENTRY.migrate });
  });
});

describe("the autoscaler", () => {
  const machines = (backlog: number) =>
    runInNewContext(autoscaler.env["FAS_STARTED_MACHINE_COUNT"] as string, {
      ...{ min: Math.min, max: Math.max, ceil: Math.ceil },
      [autoscaler.env["FAS_PROMETHEUS_METRIC_NAME"] as string]: backlog,
    });

  it.each([
    [0, SCALE.min],
    [64, 2],
    [65, 3],
    [320, 10],
    [100_000, SCALE.max],
  ])("makes of a backlog of %i tasks %i workers", (backlog, count) => {
    expect(machines(backlog)).toBe(count);
  });

  it("counts the workers' Machines and nothing else's, by what the API tells where Fly looks", () => {
    expect(autoscaler.env["FAS_APP_NAME"]).toBe(worker.app);
    expect(Object.keys(worker.processes ?? {})).toEqual(["worker"]);
    expect(autoscaler.env["FAS_PROMETHEUS_QUERY"]).toMatch(/^max\(/);
    expect(autoscaler.env["FAS_PROMETHEUS_QUERY"]).toContain(`{app="${station.app}"}`);
    expect(station.metrics).toEqual([{ port: PORTS.admin, path: PATHS.metrics, processes: ["api"] }]);
  });

  it("stops what is not needed, which drains, and destroys nothing, which would be killed", () => {
    expect(Object.keys(autoscaler.env).filter((name) => name.endsWith("_MACHINE_COUNT"))).toEqual([
      "FAS_STARTED_MACHINE_COUNT",
    ]);
  });

  it("is one Machine that nobody reaches, whose tokens are secrets", () => {
    expect(autoscaler.http_service).toBeUndefined();
    for (const name of AUTOSCALER_SECRETS) expect(autoscaler.env).not.toHaveProperty(name);
  });
});

it("JetStream keeps a majority through a deployment, on volumes, and is nobody's but Station's", () => {
  expect(nats.deploy).toEqual({ strategy: "rolling", max_unavailable: 1 });
  // The signal that makes nats-server hand over; a longer goodbye than Fly's patience would be cut off.
  expect(nats.kill_signal).toBe("SIGUSR2");
  expect(nats.kill_timeout).toBeGreaterThan(60);
  expect(nats.mounts).toHaveLength(1);
  expect(nats.http_service).toBeUndefined();
});

it("the guide sets the secrets of each app, and makes as many workers as are started at most", () => {
  const guide = readFileSync(new URL("README.md", import.meta.url), "utf8");
  const secrets = {
    station: SECRETS.api,
    worker: SECRETS.worker,
    autoscaler: AUTOSCALER_SECRETS,
    nats: NATS_SECRETS,
  };
  for (const [app, names] of Object.entries(secrets)) {
    const [, set = ""] =
      new RegExp(`^fly secrets set --config deploy/fly/${app}.toml --stage (.*)$`, "m").exec(guide) ?? [];
    expect([app, [...set.matchAll(/(?:^| )([A-Z_]+)=/g)].map(([, name]) => name).sort()]).toEqual([
      app,
      [...names].sort(),
    ]);
  }
  expect(guide).toContain(`fly scale count ${SCALE.max} --config deploy/fly/worker.toml`);
  // Fly lets the second of two Machines without a service stand by, unless told not to.
  expect(guide).toContain("fly deploy --config deploy/fly/worker.toml --ha=false");
  expect(guide).toContain(`fly scale count ${SCALE.min} --config deploy/fly/worker.toml`);
});

describe("the schema refuses", () => {
  const { http_service } = station;
  it.each([
    ["a key that is misspelled", { ...station, kill_timout: 5 }, "Unrecognized key"],
    ["a kill time that Fly does not grant", { ...station, kill_timeout: 600 }, "kill_timeout"],
    [
      "a group that is not there",
      { ...station, restart: [{ policy: "always", processes: ["wroker"] }] },
      "wroker",
    ],
    ["a service for the worker", { ...worker, http_service }, "the worker has no service"],
    [
      "a secret in plain text",
      { ...station, env: { ...station.env, STATION_NATS_CREDS: "x" } },
      "fly secrets set",
    ],
    [
      "archives that would go with their Machine",
      { ...worker, env: { ...worker.env, STATION_RETENTION: "90d", STATION_ARCHIVE_DIR: "/data/archive" } },
      "STATION_ARCHIVE_DIR",
    ],
    ["Fly's own variables", { ...station, env: { FLY_REGION: "fra" } }, "Fly's own"],
    ["two versions on one volume", { ...nats, deploy: { strategy: "bluegreen" } }, "mounted twice"],
  ])("%s", (_what, config, message) => {
    expect(() => render(config as FlyConfig)).toThrow(message);
  });
});
