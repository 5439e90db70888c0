import { readFile } from "node:fs/promises";
import { describe, expect, it } from "vitest";
import { parse } from "yaml";
import { createMetrics } from "../../src/adapters/metrics/metrics.ts";
import type { Store } from "../../src/engine/ports.ts";

const deploy = new URL("../../deploy/", import.meta.url);
const read = (path: string) => readFile(new URL(path, deploy), "utf8");

type Query = { readonly where: string; readonly expr: string };

async function dashboardQueries(): Promise<readonly Query[]> {
  const { panels } = JSON.parse(await read("grafana/provisioning/dashboards/station.json")) as {
    panels: { title: string; targets?: { expr: string }[] }[];
  };
  return panels.flatMap(({ title, targets = [] }) => targets.map(({ expr }) => ({ where: title, expr })));
}

type Rule = {
  alert: string;
  expr: string;
  annotations: Record<string, string>;
  labels: Record<string, string>;
};

async function rules(): Promise<readonly Rule[]> {
  const { groups } = parse(await read("prometheus/alerts.yml")) as { groups: { rules: Rule[] }[] };
  return groups.flatMap((group) => group.rules);
}

/** Every name that a process tells, with the parts of histograms. */
async function known(): Promise<ReadonlySet<string>> {
  const metrics = createMetrics({ version: "0", program: "api" });
  metrics.store({ runs: {}, outbox: {} } as unknown as Store);
  metrics.watch({
    store: () => Promise.reject(new Error("away")),
    backlog: () => Promise.reject(new Error("away")),
    worker: () => ({ inFlight: 0, capacity: 0 }),
    walBytes: async () => 0,
  });
  const text = await metrics.text();
  const names = new Set<string>();
  for (const [, name = "", type] of text.matchAll(/^# TYPE (\S+) (\S+)$/gm))
    if (type === "histogram") for (const part of ["_bucket", "_sum", "_count"]) names.add(name + part);
    else names.add(name);
  return names;
}

describe("the dashboard and the alerts", () => {
  it("ask for nothing that no process tells", async () => {
    const names = await known();
    const asked = [
      ...(await dashboardQueries()),
      ...(await rules()).map(({ alert, expr }) => ({ where: alert, expr })),
      { where: "the autoscaler on Fly", expr: await read("fly/autoscaler.toml") },
    ];
    expect(asked.length).toBeGreaterThan(40);
    const missing = asked.flatMap(({ where, expr }) =>
      [...expr.matchAll(/\b(?:station|nodejs|process)_\w+/g)]
        .map(([name]) => name)
        .filter((name) => !names.has(name))
        .map((name) => `${where}: ${name}`),
    );
    expect(missing).toEqual([]);
  });

  it("show or watch every figure of our own", async () => {
    const names = await known();
    const text = [...(await dashboardQueries()), ...(await rules())].map(({ expr }) => expr).join("\n");
    const unseen = [...names]
      .filter((name) => name.startsWith("station_"))
      .map((name) => name.replace(/_(bucket|sum|count)$/, ""))
      .filter((name) => !text.includes(name));
    expect([...new Set(unseen)]).toEqual([]);
  });

  it("alerts say what is wrong, what it means and how urgent it is", async () => {
    for (const { alert, annotations, labels } of await rules()) {
      expect(annotations, alert).toHaveProperty("summary");
      expect(annotations["description"]?.length, alert).toBeGreaterThan(30);
      expect(["page", "warn", "info"], alert).toContain(labels["severity"]);
    }
  });
});
