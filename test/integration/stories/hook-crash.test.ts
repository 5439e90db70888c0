import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { createClient } from "../../../src/http/client.ts";
import { github } from "../http/hooks.ts";
import { launchCommand } from "./support/process.ts";

/** A delivery is three commits: it is kept, it has its effect, and what came of it is kept. */
const POINTS =
  process.env["STATION_TEST_ALL"] === "true"
    ? ["before:1", "after:1", "before:2", "after:2", "before:3", "after:3"]
    : ["after:1", "after:2", "before:3"];
const WORKFLOW = { id: "w", start: "a", states: [{ name: "a", type: "signal", signal: "go", end: true }] };
const EVENT = '{"order":7}';

const path = (name: string) => fileURLToPath(new URL(`../../../${name}`, import.meta.url));

describe.concurrent("SIGKILL at a commit of a delivery: sent or done again it has its effect once", () => {
  it.each(POINTS)("%s", { timeout: 60_000 }, async (point) => {
    const directory = await mkdtemp(join(tmpdir(), "station-hooks-"));
    const start = (extra: Readonly<Record<string, string>> = {}) =>
      launchCommand(
        [process.execPath, "--import", path("test/support/crash-at.ts"), path("src/main/api.ts")],
        {
          directory,
          env: {
            PORT: "0",
            STATION_DATA_DIR: "data",
            STATION_UI: "off",
            STATION_SECRET_KEYS: "k".repeat(32),
            ...extra,
          },
        },
      );
    const first = start({ CRASH_AT: point });
    const url = String((await first.logged("listening"))["url"]);
    const client = createClient({ baseUrl: url });
    await client.createWorkflow({ body: { definition: JSON.stringify(WORKFLOW) } });
    const hook = await client.createHook({
      body: {
        name: "orders",
        scheme: { type: "github" },
        target: { type: "start-run", workflowId: "w" },
      },
    });
    const send = (to: string) =>
      fetch(to + hook.path, { method: "POST", body: EVENT, headers: github(hook.secret, EVENT) });
    // Nobody answers, or what was answered was kept by then.
    await send(url).catch(() => null);
    expect((await first.ended).signal).toBe("SIGKILL");

    const second = start();
    const again = String((await second.logged("listening"))["url"]);
    const after = createClient({ baseUrl: again });
    const params = { hookId: hook.hookId };
    const { items: left } = await after.listHookDeliveries({ params });
    for (const { deliveryId } of left) await after.redeliverHook({ params: { ...params, deliveryId } });
    const sent = await send(again);
    expect(sent.status).toBe(202);
    const { runId } = (await sent.json()) as { runId: string };
    const { items: runs } = await after.listRuns({});
    expect(runs.map((run) => run.runId)).toEqual([runId]);
    const { items: deliveries } = await after.listHookDeliveries({ params });
    const told = deliveries.flatMap((delivery) => delivery.runId ?? []);
    expect(new Set(told)).toEqual(new Set([runId]));
    expect(left.length).toBe(point === "before:1" ? 0 : 1);
    await second.kill();
    await rm(directory, { recursive: true, force: true });
  });
});
