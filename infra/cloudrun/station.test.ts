import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { runtime } from "@pulumi/pulumi";
import { build } from "esbuild";
import { beforeAll, describe, expect, it } from "vitest";
import { parse } from "yaml";
import { ENTRY, PATHS, PORTS, problemsOfEnvironment, VARIABLES } from "../shared/runtime-contract.ts";
import { CloudRunConfig } from "./config.ts";

type Probe = { readonly httpGet: unknown; readonly periodSeconds: number; readonly failureThreshold: number };
type Container = {
  readonly args: readonly string[];
  readonly envs: readonly { readonly name: string; readonly value?: string }[];
  readonly resources: unknown;
  readonly startupProbe: Probe;
  readonly livenessProbe: Probe;
};
type Template = { readonly vpcAccess?: unknown; readonly containers: readonly Container[] };
type Made = {
  readonly type: string;
  readonly name: string;
  readonly inputs: Readonly<Record<string, unknown>> & { readonly template: Template };
};

const made: Made[] = [];
await runtime.setMocks(
  {
    newResource: ({ type, name, inputs }) => {
      made.push({ type, name, inputs });
      return {
        id: `${name}-id`,
        state: { ...inputs, email: `${inputs["accountId"]}@example.iam`, uri: "https://api" },
      };
    },
    call: ({ inputs }) => inputs,
  },
  "station",
  "prod",
);
const { createStation, DRAIN_MS, KILL_SECONDS } = await import("./station.ts");

const example = parse(readFileSync(new URL("Pulumi.prod.yaml.example", import.meta.url), "utf8")).config[
  "station:deployment"
];
const SECRETS = Object.entries(VARIABLES)
  .filter(([, { isSecret }]) => isSecret)
  .map(([name]) => name);

async function deploy(changes: Readonly<Record<string, unknown>> = {}): Promise<void> {
  made.length = 0;
  createStation(CloudRunConfig.parse({ ...example, ...changes }));
  await runtime.disconnect();
}

function all(type: string): readonly Made[] {
  return made.filter((one) => one.type.endsWith(type));
}

function container(program: "api" | "worker"): Container {
  const [found] = all(program === "api" ? "/service:Service" : "/workerPool:WorkerPool");
  return found?.inputs.template.containers[0] as Container;
}

describe("the example", () => {
  beforeAll(() => deploy());

  it.each(["api", "worker"] as const)(
    "gives the %s every variable it needs, and secrets by reference only",
    (program) => {
      const { envs, args } = container(program);
      const isPlain = (env: { readonly value?: string }) => env.value !== undefined;
      const names = (variables: readonly { readonly name: string }[]) => variables.map(({ name }) => name);
      const set = {
        plain: names(envs.filter(isPlain)),
        secret: names(envs.filter((env: { readonly value?: string }) => !isPlain(env))),
      };
      expect(args).toEqual([ENTRY[program]]);
      expect(problemsOfEnvironment(program, set)).toEqual([]);
      expect(set.secret).toEqual([
        "STATION_DATABASE_AUTH_TOKEN",
        "STATION_NATS_CREDS",
        ...(program === "api" ? ["STATION_API_TOKEN"] : []),
      ]);
      // Reserved: Cloud Run sets it itself, and the image has the same.
      expect(set.plain).not.toContain("PORT");
    },
  );

  it("has drained before Cloud Run kills, which nobody can put off", () => {
    expect(KILL_SECONDS).toBe(10);
    expect(DRAIN_MS).toBeLessThanOrEqual(8000);
    for (const program of ["api", "worker"] as const)
      expect(container(program).envs).toContainEqual({
        name: "STATION_DRAIN_TIMEOUT_MS",
        value: String(DRAIN_MS),
      });
  });

  it("asks the programs where they answer, and gives a private network a minute", () => {
    for (const [program, port] of [
      ["api", PORTS.http],
      ["worker", PORTS.admin],
    ] as const) {
      const { startupProbe, livenessProbe } = container(program);
      expect(startupProbe.httpGet).toEqual({ path: PATHS.ready, port });
      expect(livenessProbe.httpGet).toEqual({ path: PATHS.alive, port });
      const patience = startupProbe.periodSeconds * startupProbe.failureThreshold;
      expect(patience).toBeGreaterThanOrEqual(60);
      expect(patience).toBeLessThanOrEqual(240);
    }
  });

  it("keeps the API's processor between requests, and streams for as long as there may be", () => {
    const [service] = all("/service:Service");
    expect(service?.inputs).toMatchObject({
      ingress: "INGRESS_TRAFFIC_INTERNAL_LOAD_BALANCER",
      template: {
        timeout: "3600s",
        executionEnvironment: "EXECUTION_ENVIRONMENT_GEN2",
        scaling: { minInstanceCount: 1 },
      },
    });
    expect(container("api").resources).toMatchObject({ cpuIdle: false });
  });

  it("leaves it to Station to ask who calls, whose token is where IAM would look for Google's", () => {
    const [service] = all("/service:Service");
    expect(service?.inputs["invokerIamDisabled"]).toBe(true);
    expect(all("ServiceIamMember")).toEqual([]);
  });

  it("gives no program a right in the project", () => {
    expect(made.map(({ type }) => type).filter((type) => type.startsWith("gcp:projects/"))).toEqual([]);
  });

  it("keeps no secret's value in the program", () => {
    expect(all("SecretVersion")).toEqual([]);
  });
});

it("each program reads only the secrets that are its own", async () => {
  await deploy({ secrets: Object.fromEntries(SECRETS.map((name) => [name, `id-of-${name}`])) });
  const read = all("SecretIamMember").map(({ inputs }) => `${inputs["member"]} ${inputs["secretId"]}`);
  for (const name of SECRETS)
    for (const program of ["api", "worker"] as const) {
      const { programs } = VARIABLES[name as keyof typeof VARIABLES];
      const line = `serviceAccount:station-${program}@example.iam id-of-${name}`;
      expect([line, read.includes(line)]).toEqual([line, (programs as readonly string[]).includes(program)]);
    }
});

it("workers can be left for Cloud Run to count, and a private network is joined where there is one", async () => {
  const network = { network: "main", subnetwork: "station" };
  await deploy({ workers: { min: 2, max: 9 }, network });
  const [pool] = all("/workerPool:WorkerPool");
  expect(pool?.inputs["scaling"]).toEqual({
    scalingMode: "AUTOMATIC",
    minInstanceCount: 2,
    maxInstanceCount: 9,
  });
  expect(pool?.inputs.template.vpcAccess).toEqual({
    egress: "PRIVATE_RANGES_ONLY",
    networkInterfaces: [network],
  });
});

it("where people are named, IAM asks as well", async () => {
  await deploy({ invokers: ["group:sre@example.com"] });
  const [service] = all("/service:Service");
  expect(service?.inputs["invokerIamDisabled"]).toBe(false);
  expect(all("ServiceIamMember").map(({ inputs }) => [inputs["role"], inputs["member"]])).toEqual([
    ["roles/run.invoker", "group:sre@example.com"],
  ]);
});

it.each([
  ["an image that anybody can change", { image: { ...example.image, tag: "latest" } }],
  ["a database that belongs to one process", { databaseUrl: "file:station.db" }],
  ["a secret that Station does not know", { secrets: { STATION_NATS_CRED: "x" } }],
  ["an API that nobody asks who they are", { variables: { STATION_AUTH: "off" } }],
  [
    "archives that would go with their instance",
    { variables: { STATION_RETENTION: "90d", STATION_ARCHIVE_DIR: "/data/archive" } },
  ],
  ["a key that is misspelled", { regoin: "europe-west1" }],
])("the configuration refuses %s", (_what, changes) => {
  expect(CloudRunConfig.safeParse({ ...example, ...changes }).success).toBe(false);
});

it("the program can be bundled for Pulumi, which brings its own packages", async () => {
  const { outputFiles, warnings } = await build({
    entryPoints: [fileURLToPath(new URL("index.ts", import.meta.url))],
    bundle: true,
    platform: "node",
    format: "esm",
    packages: "external",
    write: false,
  });
  expect(warnings).toEqual([]);
  expect(outputFiles[0]?.text).toContain("INGRESS_TRAFFIC_INTERNAL_LOAD_BALANCER");
});
