import { readFile } from "node:fs/promises";
import { Histogram, Registry } from "prom-client";
import { describe, expect, it, vi } from "vitest";
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

/** Every figure that a process tells, by its name without the parts of histograms, with its labels. */
function told(): ReadonlyMap<string, Figure> {
  const registered = vi.spyOn(Registry.prototype, "registerMetric");
  const metrics = createMetrics({ version: "0", program: "api" });
  metrics.store({ runs: {}, outbox: {} } as unknown as Store);
  metrics.watch({
    store: () => Promise.reject(new Error("away")),
    backlog: () => Promise.reject(new Error("away")),
    worker: () => ({ inFlight: 0, capacity: 0 }),
    walBytes: async () => 0,
  });
  const figures = registered.mock.calls.map(([metric]) => {
    const { name, labelNames, upperBounds } = metric as unknown as Registered;
    const parts = metric instanceof Histogram ? PARTS : [""];
    return [name, { labels: labelNames, parts, bounds: upperBounds ?? [] }] as const;
  });
  registered.mockRestore();
  return new Map(figures);
}

type Registered = {
  readonly name: string;
  readonly labelNames: readonly string[];
  readonly upperBounds?: readonly number[];
};
type Figure = {
  readonly labels: readonly string[];
  readonly parts: readonly string[];
  readonly bounds: readonly number[];
};
const PARTS = ["_bucket", "_sum", "_count"];
/** What Prometheus itself puts on every figure, and Fly's. */
const SCRAPED = ["job", "instance", "app"];

/** Every name that can be asked for, with its labels. */
function askable(): ReadonlyMap<string, readonly string[]> {
  return new Map(
    [...told()].flatMap(([name, { labels, parts }]) =>
      parts.map((part) => [name + part, [...labels, ...SCRAPED, ...(part === "_bucket" ? ["le"] : [])]]),
    ),
  );
}

/** The names and labels that the table of the metrics' page has; `_b` after `a_x` stands for `a_b`. */
async function documented(): Promise<ReadonlyMap<string, readonly string[]>> {
  const page = await read("../src/adapters/metrics/README.md");
  const found = new Map<string, readonly string[]>();
  for (const [, names = "", labels = ""] of page.matchAll(/^\| (`station_[^|]+)\|([^|]*)\|/gm)) {
    const [first = "", ...others] = [...names.matchAll(/`([^`]+)`/g)].map(([, name = ""]) => name);
    const stem = first.replace(/_[a-z]+$/, "");
    for (const name of [first, ...others])
      found.set(
        name.startsWith("_") ? stem + name : name,
        labels.split(",").flatMap((l) => l.trim() || []),
      );
  }
  return found;
}

describe("the dashboard and the alerts", () => {
  it("ask for nothing that no process tells, by no label that it has not", async () => {
    const known = askable();
    const asked = [
      ...(await dashboardQueries()),
      ...(await rules()).map(({ alert, expr }) => ({ where: alert, expr })),
      { where: "the autoscaler on Fly", expr: await read("fly/autoscaler.toml") },
    ];
    expect(asked.length).toBeGreaterThan(40);
    const wrong = asked.flatMap(({ where, expr }) => {
      const selectors = [...expr.matchAll(/\b((?:station|nodejs|process)_\w+)(?:\{([^}]*)\})?/g)];
      const labels = selectors.flatMap(([, name = ""]) => known.get(name) ?? []);
      const missing = selectors.filter(([, name = ""]) => !known.has(name)).map(([, name]) => name);
      const unmatched = selectors.flatMap(([, name = "", matchers = ""]) =>
        namesIn(matchers, /(\w+)\s*(?:=~|!~|!=|=)/g).filter((label) => !known.get(name)?.includes(label)),
      );
      const groups = [...expr.matchAll(/\bby \(([^)]*)\)/g)].flatMap(([, list = ""]) =>
        namesIn(list, /(\w+)/g),
      );
      const ungrouped = groups.filter((label) => !labels.includes(label));
      return [...missing, ...unmatched, ...ungrouped].map((name) => `${where}: ${name}`);
    });
    expect(wrong).toEqual([]);
  });

  it("are of figures that the page on metrics explains, each with its labels", async () => {
    const ours = [...told()].filter(([name]) => name.startsWith("station_"));
    const sorted = (figures: Iterable<readonly [string, readonly string[]]>) =>
      [...figures].map(([name, labels]) => `${name} ${[...labels].sort()}`).sort();
    expect(sorted(await documented())).toEqual(sorted(ours.map(([name, { labels }]) => [name, labels])));
  });

  it("show or watch every figure of our own", async () => {
    const names = [...told().keys()];
    const text = [...(await dashboardQueries()), ...(await rules())].map(({ expr }) => expr).join("\n");
    expect(names.filter((name) => name.startsWith("station_") && !text.includes(name))).toEqual([]);
  });

  it("has panels that each have a number of their own, and none of which lies on another", async () => {
    const { panels } = JSON.parse(await read("grafana/provisioning/dashboards/station.json")) as {
      panels: { id: number; title: string; gridPos: { x: number; y: number; w: number; h: number } }[];
    };
    expect(new Set(panels.map(({ id }) => id)).size).toBe(panels.length);
    const squares = panels.flatMap(({ title, gridPos: { x, y, w, h } }) =>
      Array.from({ length: w * h }, (_, n) => [`${x + (n % w)} ${y + Math.floor(n / w)}`, title] as const),
    );
    const onEach = [...Map.groupBy(squares, ([square]) => square).values()];
    const doubled = onEach
      .filter((those) => those.length > 1)
      .map((those) => those.map(([, title]) => title));
    expect(doubled).toEqual([]);
  });

  it("compare no share of a histogram with what lies within one of its buckets, where it is a guess", async () => {
    const known = told();
    const compared = (await rules()).flatMap(({ alert, expr }) => {
      const found = /^histogram_quantile\(.*?(\w+)_bucket.* > ([\d.]+)$/.exec(expr.trim());
      return found ? [{ alert, name: found[1] ?? "", limit: Number(found[2]) }] : [];
    });
    expect(compared.length).toBeGreaterThan(1);
    for (const { alert, name, limit } of compared)
      expect([alert, known.get(name)?.bounds.includes(limit)]).toEqual([alert, true]);
  });

  it("alerts say what is wrong, what it means and how urgent it is", async () => {
    for (const { alert, annotations, labels } of await rules()) {
      expect(annotations, alert).toHaveProperty("summary");
      expect(annotations["description"]?.length, alert).toBeGreaterThan(30);
      expect(["page", "warn", "info"], alert).toContain(labels["severity"]);
    }
  });
});

function namesIn(text: string, pattern: RegExp): readonly string[] {
  return [...text.matchAll(pattern)].map(([, name = ""]) => name);
}
