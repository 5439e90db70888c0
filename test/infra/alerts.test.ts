import { execFile } from "node:child_process";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { describe, expect, it, onTestFinished } from "vitest";
import { parse } from "yaml";
import { obtainPromtool } from "../support/server-binaries.ts";
import { mustSkip } from "../support/servers.ts";

const file = fileURLToPath(new URL("../../deploy/prometheus/alerts.yml", import.meta.url));
const program = await obtainPromtool();
const skip = mustSkip("the alerts, fired by promtool", program);

type Figures = Readonly<Record<string, string>>;

/** What two APIs and a worker tell, by a value every minute in promtool's notation: `1+2x3` is 1 3 5 7, `_` nothing. */
const CALM: Figures = {
  'station_build_info{instance="api"}': "1x200",
  'station_build_info{instance="worker"}': "1x200",
  'station_worker_capacity{instance="api"}': "0x200",
  'station_worker_capacity{instance="worker"}': "64x200",
  'station_worker_inflight{instance="worker"}': "3x200",
  'station_oldest_pending_seconds{instance="api"}': "0x200",
  'station_consumer_oldest_seconds{instance="api"}': "0x200",
  'station_schedules_overdue_seconds{instance="api"}': "0x200",
  'station_notifications_dead{instance="api"}': "7x200",
  'station_unsealed_events{instance="api"}': "20x200",
  'station_wal_bytes{instance="api"}': "4000000x200",
  'station_lease_expiries_total{instance="worker",workflow="w"}': "40x200",
  'station_span_failures_total{instance="api"}': "0x200",
  'station_tracer_restarts_total{instance="api"}': "0x200",
  'station_run_duration_seconds_count{environment="e",workflow="w",outcome="COMPLETED"}': "0+1x200",
  'station_run_duration_seconds_count{environment="e",workflow="w",outcome="FAILED"}': "0x200",
  'station_approval_wait_seconds_bucket{workflow="w",le="3600"}': "0+1x200",
  'station_approval_wait_seconds_bucket{workflow="w",le="14400"}': "0+1x200",
  'station_approval_wait_seconds_bucket{workflow="w",le="86400"}': "0+1x200",
  'station_approval_wait_seconds_bucket{workflow="w",le="+Inf"}': "0+1x200",
  'station_commit_duration_seconds_bucket{le="0.5"}': "0+100x200",
  'station_commit_duration_seconds_bucket{le="1"}': "0+100x200",
  'station_commit_duration_seconds_bucket{le="+Inf"}': "0+100x200",
  'station_http_request_duration_seconds_count{route="/r",status="200"}': "0+50x200",
  'nodejs_eventloop_lag_p99_seconds{job="station",instance="api"}': "0.02x200",
};
const nothing = Object.fromEntries(Object.keys(CALM).map((series) => [series, ""]));

/** What is otherwise than in calm times, from the third hour on, and the alert that tells. */
const TROUBLES: readonly (readonly [what: string, alert: string, otherwise: Figures])[] = [
  ["no process is left", "StationDown", nothing],
  [
    "processes start and do not reach the database",
    "StationDatabaseAway",
    { 'station_oldest_pending_seconds{instance="api"}': "", 'station_wal_bytes{instance="api"}': "" },
  ],
  [
    "all workers are dead, while the API hands everything that is due to the queue",
    "StationNoWorkers",
    {
      'station_build_info{instance="worker"}': "1x120 stale",
      'station_worker_capacity{instance="worker"}': "64x120 stale",
      'station_worker_inflight{instance="worker"}': "3x120 stale",
    },
  ],
  ["what is due is not sent", "StationWorkIsLate", late("station_oldest_pending_seconds")],
  ["nobody takes what is in the queue", "StationTasksWait", late("station_consumer_oldest_seconds")],
  ["schedules are not fired", "StationSchedulesAreLate", late("station_schedules_overdue_seconds")],
  [
    "all hands are full",
    "StationWorkersSaturated",
    { 'station_worker_inflight{instance="worker"}': "3x120 64x80" },
  ],
  [
    "a worker takes over steps, which it never did before",
    "StationWorkersDie",
    { 'station_lease_expiries_total{instance="other",workflow="w"}': "_x119 20x80" },
  ],
  [
    "a worker takes over steps again",
    "StationWorkersDie",
    { 'station_lease_expiries_total{instance="worker",workflow="w"}': "40x120 60x80" },
  ],
  [
    "runs fail",
    "StationRunsFail",
    {
      'station_run_duration_seconds_count{environment="e",workflow="w",outcome="FAILED"}': "0x120 0+1x80",
    },
  ],
  [
    "people take long",
    "StationApprovalsWait",
    {
      'station_approval_wait_seconds_bucket{workflow="w",le="3600"}': "0x200",
      'station_approval_wait_seconds_bucket{workflow="w",le="14400"}': "0x200",
    },
  ],
  [
    "a notification is given up",
    "StationNotificationsDead",
    { 'station_notifications_dead{instance="api"}': "7x120 9x80" },
  ],
  [
    "commits are slow",
    "StationCommitsSlow",
    { 'station_commit_duration_seconds_bucket{le="0.5"}': "0+100x120 12000+90x80" },
  ],
  ["nothing is sealed", "StationAuditBehind", { 'station_unsealed_events{instance="api"}': "90000x200" }],
  ["the log grows", "StationLogGrows", { 'station_wal_bytes{instance="api"}': "100000000x200" }],
  [
    "answers are errors",
    "StationServerErrors",
    { 'station_http_request_duration_seconds_count{route="/r",status="500"}': "0+20x200" },
  ],
  [
    "a process cannot keep up",
    "StationEventLoopBlocked",
    { 'nodejs_eventloop_lag_p99_seconds{job="station",instance="api"}': "0.9x200" },
  ],
  [
    "the collector takes nothing",
    "StationTracesMissing",
    { 'station_span_failures_total{instance="api"}': "0x120 0+1x80" },
  ],
];

function late(name: string): Figures {
  return { [`${name}{instance="api"}`]: "0x120 60+60x80" };
}

/** Which alerts have fired within the third hour, as Prometheus itself understands the rules. */
async function fired(otherwise: Figures): Promise<readonly string[]> {
  const folder = await mkdtemp(join(tmpdir(), "alerts-"));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  const series = Object.entries({ ...CALM, ...otherwise }).filter(([, values]) => values !== "");
  const asked = await alerts();
  const path = join(folder, "test.json");
  await writeFile(
    path,
    JSON.stringify({
      rule_files: [file],
      evaluation_interval: "1m",
      tests: [
        {
          interval: "1m",
          input_series: series.map(([name, values]) => ({ series: name, values })),
          promql_expr_test: asked.map((alert) => ({
            expr: `count(max_over_time(ALERTS{alertname="${alert}",alertstate="firing"}[1h])) > 0`,
            eval_time: "3h",
            exp_samples: [],
          })),
        },
      ],
    }),
  );
  const said = await promtool("test", "rules", path).catch(({ stderr }: { stderr: string }) => stderr);
  return [...said.matchAll(/alertname=\\"(\w+)\\"/g)].map(([, alert = ""]) => alert);
}

async function alerts(): Promise<readonly string[]> {
  const { groups } = parse(await readFile(file, "utf8")) as { groups: { rules: { alert: string }[] }[] };
  return groups.flatMap(({ rules }) => rules.map(({ alert }) => alert));
}

async function promtool(...args: readonly string[]): Promise<string> {
  const { stdout } = await promisify(execFile)(program.ok ? program.path : "", [...args]);
  return stdout;
}

describe.skipIf(skip)("the alerts", () => {
  it("are rules that Prometheus takes", async () => {
    expect(await promtool("check", "rules", file)).toContain("SUCCESS");
  });

  it("are silent in calm times", async () => {
    expect(await fired({})).toEqual([]);
  });

  it.each(TROUBLES)("tell that %s: %s", async (_what, alert, otherwise) => {
    expect(await fired(otherwise)).toEqual([alert]);
  });

  it("can all be fired", async () => {
    expect([...new Set(TROUBLES.map(([, alert]) => alert))].sort()).toEqual([...(await alerts())].sort());
  });
});
