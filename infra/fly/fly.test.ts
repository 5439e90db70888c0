import { readFileSync } from "node:fs";
import { parse } from "smol-toml";
import { describe, expect, it } from "vitest";
import { ENTRY, PATHS, PORTS, problemsOfEnvironment, VARIABLES } from "../shared/runtime-contract.ts";
import { nats } from "./nats.ts";
import { files, render } from "./render.ts";
import { FlyConfig } from "./schema.ts";
import { KILL_SECONDS, SECRETS, station } from "./station.ts";

it.each(Object.entries(files))("%s is what its source says, and parses back to it", (name, text) => {
  const committed = readFileSync(new URL(`../../deploy/fly/${name}`, import.meta.url), "utf8");
  expect(committed).toBe(text);
  expect(FlyConfig.safeParse(parse(committed)).error).toBeUndefined();
});

describe("Station", () => {
  it.each(["api", "worker"] as const)(
    "gives the %s every variable it needs, and secrets as secrets",
    (program) => {
      // Fly has one environment and one set of secrets for all groups of an app.
      const secret = SECRETS.filter((name) =>
        (VARIABLES[name].programs as readonly string[]).includes(program),
      );
      const set = { plain: Object.keys(station.env), secret };
      expect(problemsOfEnvironment(program, set)).toEqual([]);
      expect(station.processes?.[program]).toBe(ENTRY[program]);
    },
  );

  it("has drained before Fly kills", () => {
    expect(station.kill_timeout).toBe(KILL_SECONDS);
    expect(Number(station.env["STATION_DRAIN_TIMEOUT_MS"])).toBeLessThan(KILL_SECONDS * 1000);
  });

  it("serves the API only, and asks both for their health where they answer", () => {
    expect(station.http_service).toMatchObject({
      processes: ["api"],
      internal_port: PORTS.http,
      auto_stop_machines: "off",
    });
    expect(station.http_service?.checks).toMatchObject([{ path: PATHS.ready }]);
    expect(station.checks).toMatchObject({
      worker_health: { port: PORTS.admin, path: PATHS.ready, processes: ["worker"] },
    });
  });

  it("moves the tables before it moves the programs", () => {
    expect(station.deploy).toEqual({ strategy: "rolling", release_command: ENTRY.migrate });
  });
});

it("JetStream keeps a majority through a deployment, on volumes, and is nobody's but Station's", () => {
  expect(nats.deploy).toEqual({ strategy: "rolling", max_unavailable: 1 });
  expect(nats.mounts).toHaveLength(1);
  expect(nats.http_service).toBeUndefined();
});

describe("the schema refuses", () => {
  const { http_service, ...rest } = station;
  it.each([
    ["a key that is misspelled", { ...station, kill_timout: 5 }, "Unrecognized key"],
    ["a kill time that Fly does not grant", { ...station, kill_timeout: 600 }, "kill_timeout"],
    [
      "a group that is not there",
      { ...station, restart: [{ policy: "always", processes: ["wroker"] }] },
      "wroker",
    ],
    [
      "a service for the worker",
      { ...rest, http_service: { ...http_service, processes: ["api", "worker"] } },
      "the worker has no service",
    ],
    [
      "a secret in plain text",
      { ...station, env: { ...station.env, STATION_NATS_CREDS: "x" } },
      "fly secrets set",
    ],
    ["Fly's own variables", { ...station, env: { FLY_REGION: "fra" } }, "Fly's own"],
    ["two versions on one volume", { ...nats, deploy: { strategy: "bluegreen" } }, "mounted twice"],
  ])("%s", (_what, config, message) => {
    expect(() => render(config as FlyConfig)).toThrow(message);
  });
});
