import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { describe, expect, it } from "vitest";
import {
  ENTRY,
  IMAGE,
  PATHS,
  type Program,
  problemsOfEnvironment,
} from "../../infra/shared/runtime-contract.ts";
import { obtainCompose } from "../support/server-binaries.ts";
import { mustSkip } from "../support/servers.ts";

const deploy = fileURLToPath(new URL("../../deploy/", import.meta.url));
const program = await obtainCompose();
const skip = mustSkip("the compose files, checked by Docker Compose", program);

type Service = {
  readonly image: string;
  readonly command?: readonly string[];
  readonly environment?: Readonly<Record<string, string>>;
  readonly ports?: readonly { readonly host_ip?: string; readonly published: string }[];
  readonly networks?: Readonly<Record<string, unknown>>;
  readonly depends_on?: Readonly<Record<string, { readonly condition: string }>>;
  readonly healthcheck?: { readonly test?: readonly string[]; readonly disable?: boolean };
  readonly stop_grace_period?: string;
  readonly stop_signal?: string;
  readonly volumes?: readonly {
    readonly type: string;
    readonly source?: string;
    readonly target: string;
    readonly read_only?: boolean;
  }[];
  readonly logging?: { readonly options?: Readonly<Record<string, string>> };
} & Readonly<Record<string, unknown>>;

type Project = {
  readonly services: Readonly<Record<string, Service>>;
  readonly networks: Readonly<Record<string, { readonly internal?: boolean }>>;
  readonly configs?: Readonly<Record<string, { readonly file: string }>>;
};

/** The project as Compose itself understands these files. */
async function resolve(...args: readonly string[]): Promise<Project> {
  const path = program.ok ? program.path : "";
  const { stdout } = await promisify(execFile)(path, [...args, "config", "--format", "json"], {
    cwd: deploy,
    env: { PATH: process.env["PATH"], HOME: "/nonexistent" },
  });
  return JSON.parse(stdout);
}

const VARIANTS: Readonly<Record<string, readonly string[]>> = {
  "one host": ["-f", "compose.yaml"],
  "one host, observed": ["-f", "compose.yaml", "--profile", "observability"],
  "three JetStream nodes": ["-f", "compose.yaml", "-f", "compose.cluster.yaml"],
  "one container": ["-f", "compose.embedded.yaml"],
};

describe.skipIf(skip)("Docker Compose", () => {
  it("refuses a file with a mistake, so its silence means something", async () => {
    await expect(resolve("-f", "compose.cluster.yaml")).rejects.toThrow(/invalid compose project/);
  });
});

describe.skipIf(skip).each(Object.entries(VARIANTS))("%s", (_name, args) => {
  it("runs everything with as few rights as it can do with, and bounded logs", async () => {
    const { services } = await resolve(...args);
    for (const [name, service] of Object.entries(services)) {
      expect([name, service["cap_drop"]]).toEqual([name, ["ALL"]]);
      expect([name, service["security_opt"]]).toEqual([name, ["no-new-privileges:true"]]);
      expect([name, service["privileged"]]).toEqual([name, undefined]);
      expect(Object.keys(service.logging?.options ?? {}).sort()).toEqual(["max-file", "max-size"]);
      expect(service.image).toMatch(/:[^:]*\d|:local$/);
      expect(service.image).not.toMatch(/:latest$/);
    }
  });

  it("opens ports to this host only", async () => {
    const { services } = await resolve(...args);
    for (const { ports = [] } of Object.values(services))
      for (const port of ports) expect(port.host_ip).toBe("127.0.0.1");
  });

  it("is called by names of this host only, where nobody is asked who they are", async () => {
    const { services } = await resolve(...args);
    const open = Object.values(services).filter(({ environment }) => environment?.["STATION_AUTH"] === "off");
    expect(open.length).toBe(1);
    for (const { environment } of open)
      expect(environment?.["STATION_PUBLIC_URL"]).toBe("http://localhost:8585");
  });

  it("starts Station's programs as the image is made for them, with time to finish", async () => {
    const { services } = await resolve(...args);
    const ours = Object.entries(services).filter(([, { image }]) => image === "station:local");
    expect(ours.length).toBeGreaterThan(0);
    for (const [name, service] of ours) {
      const program = (name === "station" ? "api" : name) as Program;
      expect([name, service["read_only"], service["init"], service["user"]]).toEqual([
        name,
        true,
        true,
        `${IMAGE.user}:${IMAGE.user}`,
      ]);
      if (service.command) expect(service.command).toEqual([ENTRY[program]]);
      const environments = service.volumes?.find(({ target }) => target === IMAGE.environments);
      expect(environments?.read_only).toBe(true);
      if (program === "migrate") continue;
      expect(service.healthcheck?.test).toEqual(["CMD", IMAGE.node, ENTRY.healthcheck, PATHS.ready]);
      const drainMs = Number(service.environment?.["STATION_DRAIN_TIMEOUT_MS"]);
      expect(service.stop_grace_period).toBe("1m0s");
      expect(drainMs).toBeLessThanOrEqual(50_000);
      expect(drainMs).toBeGreaterThan(0);
    }
  });
});

describe.skipIf(skip).each(["one host", "three JetStream nodes"])("%s", (variant) => {
  const args = VARIANTS[variant] ?? [];

  it("sets only variables that the program reads, and all that it needs", async () => {
    const { services } = await resolve(...args);
    for (const program of ["api", "worker", "migrate"] as const) {
      const plain = Object.keys(services[program]?.environment ?? {});
      expect([program, problemsOfEnvironment(program, { plain, secret: [] })]).toEqual([program, []]);
    }
  });

  it("keeps queue and database where only Station reaches them, and they reach nobody", async () => {
    const { services, networks } = await resolve(...args);
    expect(networks["inside"]).toMatchObject({ internal: true });
    const kept = Object.entries(services).filter(([name]) => /^(?:nats|sqld)/.test(name));
    for (const [name, service] of kept) {
      expect([name, Object.keys(service.networks ?? {})]).toEqual([name, ["inside"]]);
      expect([name, service.ports]).toEqual([name, undefined]);
      expect(service.volumes?.some(({ type }) => type === "volume")).toBe(true);
    }
  });

  it("asks for no more replicas than there are nodes, and names every node", async () => {
    const { services } = await resolve(...args);
    const nodes = Object.keys(services).filter((name) => name.startsWith("nats"));
    for (const program of ["api", "worker"]) {
      const { STATION_NATS_URL = "", STATION_NATS_REPLICAS } = services[program]?.environment ?? {};
      expect(STATION_NATS_URL.split(",")).toEqual(nodes.map((name) => `nats://${name}:4222`));
      expect(Number(STATION_NATS_REPLICAS)).toBe(nodes.length);
      for (const node of nodes)
        expect(services[program]?.depends_on?.[node]).toMatchObject({ condition: "service_healthy" });
    }
    // With others to hand over to, a node does; alone it would only be away for longer.
    for (const node of nodes)
      expect([node, services[node]?.stop_signal]).toEqual([node, nodes.length > 1 ? "SIGUSR2" : undefined]);
    const names = nodes.map((name) => services[name]?.environment?.["SERVER_NAME"]);
    expect(new Set(names).size).toBe(nodes.length);
  });

  it("lets nothing work on tables that are not there yet, and sqld take no more writers than it bears", async () => {
    const { services } = await resolve(...args);
    for (const program of ["api", "worker"])
      expect(services[program]?.depends_on?.["migrate"]).toMatchObject({
        condition: "service_completed_successfully",
      });
    expect(services["sqld"]?.environment).toMatchObject({ SQLD_MAX_CONCURRENT_CONNECTIONS: "2" });
  });
});
