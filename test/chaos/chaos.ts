import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Chance } from "../simulation/random.ts";
import { startCollector } from "../support/collector.ts";
import { checkDatabase } from "./check-database.ts";
import type { Violation } from "./check-run.ts";
import { deploy } from "./deployment.ts";
import { readLogs, recoveriesIn, spreadOf } from "./evidence.ts";
import { examine } from "./examine.ts";
import { compileFaults } from "./faults/faults.ts";
import { Lanes } from "./lanes.ts";
import { optionsFrom } from "./options.ts";
import { addMigration, bundleOlder, bundlePrograms } from "./programs.ts";
import { calmOutcomes, publish } from "./reference.ts";
import { deliverTo, issueSecrets, plantSecrets, SecretSearch } from "./secrets.ts";
import { killAlone, storm } from "./storm.ts";
import { checkTraces, untilTraced } from "./traces.ts";
import { workloadOf } from "./workload.ts";

/** Runs people want at the same time. */
const LANES = 16;
/** After the storm, every run must end within this time. */
const CALM_MS = 60_000;
/** …and be traced within this time. */
const TRACED_MS = 30_000;
/** What is looked through for secrets in every mode. */
const LOOKED_AT = ["answers", "traces", "metrics", "logs and files"];
const MEASURED_KILLS = 8;
/** What a loaded machine may need for the first start, migrations and all. */
const START_MS = 120_000;

const options = optionsFrom(process.argv.slice(2));
const startedAt = Date.now();
const directory = await mkdtemp(join(tmpdir(), "station-chaos-"));
for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => process.exit(130));

const say = (text: string) =>
  process.stderr.write(`${((Date.now() - startedAt) / 1000).toFixed(1).padStart(6)} s  ${text}\n`);

say(`${JSON.stringify(options)} in ${directory}`);
const workflows = await workloadOf(new Chance(options.seed));
const planted = await plantSecrets();
const programs = await bundlePrograms();
if (options.versions !== null) addMigration(programs);
const older = options.versions === null ? null : await olderFor(options.versions);
const { env } = planted;
const expected = await calmOutcomes(workflows, directory, { programs, planted });
say(`${expected.size} undisturbed runs of ${workflows.length} workflows`);

const faults = compileFaults(directory);
if ("reason" in faults) say(`!!! NOT TRIED: full and slow disks, clocks that jump: ${faults.reason}`);
const faultsOf = "make" in faults ? faults.make : null;
const collector = await startCollector();
const stormy = join(directory, "stormy");
const deployment = await deploy(options.mode, stormy, { programs, older, env, faultsOf, collector });
const violations: Violation[] = [];
try {
  if (!(await deployment.ready(START_MS))) throw new Error(`the deployment does not start; see ${directory}`);
  const admin = deployment.clientWith(planted.token);
  await publish(admin, workflows);
  const issued = await issueSecrets(admin);
  const { starter, approver, hookSecret } = issued;
  const search = new SecretSearch({
    ...planted.secrets,
    ...{ "an API key": starter, "another API key": approver, "a hook's secret": hookSecret },
  });
  const heard = (answer: string) => search.look("answers", "an answer of the API", answer);
  const client = deployment.clientWith(starter, heard);
  const callers = { starter: client, approver: deployment.clientWith(approver, heard) };
  search.look("answers", "an answer to a hook", await deliverTo(deployment.baseUrl, issued));
  const lanes = new Lanes(callers, workflows, new Chance(options.seed + 1));
  lanes.open(LANES);
  const stormBegan = Date.now();
  const enough = () => lanes.started >= options.runs && Date.now() - stormBegan >= options.minutes * 60_000;
  const chance = new Chance(options.seed + 2);
  let saidAt = 0;
  const measured = Math.min(MEASURED_KILLS, options.kills);
  const targets = { kills: options.kills - measured, wipes: options.wipes };
  const damage = await storm(deployment, targets, chance, {
    ended: () => lanes.ended,
    isBusy: () => lanes.started > lanes.ended,
    enough,
    say: ({ kills, wipes }) => {
      if (Date.now() - saidAt < 10_000) return;
      saidAt = Date.now();
      say(`${kills} kills, ${wipes} wipes, ${lanes.started} runs started, ${lanes.ended} ended`);
    },
  });
  const stormMs = Date.now() - stormBegan;
  const killsPerMinute = Math.round((damage.kills * 60_000) / stormMs);
  const moments = await killAlone(deployment, measured, chance, damage);

  lanes.close();
  say(`calm: ${lanes.started - lanes.ended} runs are still open`);
  const calmFrom = Date.now();
  if (!(await deployment.ready(30_000))) violations.push(plain("not every process came up again"));
  violations.push(...(await lanes.finish(CALM_MS)));
  const calmMs = Date.now() - calmFrom;
  say(`all runs ended or given up after ${calmMs} ms of calm; examining`);

  const { histories, found } = await examine(client, lanes, expected);
  violations.push(...found);
  search.look("answers", "an answer to a hook", await deliverTo(deployment.baseUrl, issued));
  await untilTraced(collector, lanes.runIds, TRACED_MS);
  violations.push(...checkTraces(collector, histories, "clockJumps" in damage.troubles));
  search.look("traces", "the traces", JSON.stringify([...collector.spans.values()]));
  for (const url of deployment.metricsUrls) search.look("metrics", url, await (await fetch(url)).text());
  if (!(await deployment.stop())) violations.push(plain("a process did not stop within ten seconds"));
  const { nats, sqld } = deployment;
  await search.lookBelow("logs and files", deployment.directory);
  if (nats) await search.lookBelow("queue", nats.directory);
  if (sqld) await search.lookBelow("database", sqld.directory);
  violations.push(
    ...search.violations([...LOOKED_AT, ...(nats ? ["queue"] : []), ...(sqld ? ["database"] : [])]),
  );
  violations.push(...(await checkDatabase(deployment.databaseUrl, lanes.runIds)));
  const logged = await readLogs(deployment.directory);
  for (const [message, { count, example }] of Object.entries(logged.errors)) {
    say(`${count} × error "${message}": ${example}`);
    if (message === "stranded branches woken") violations.push(plain(`${count} × ${message}`, example));
  }
  const deaths = deployment.processes.flatMap((process) => process.deaths);
  const exits = deaths.filter(({ lastWords }) => lastWords !== null);
  if (exits.length > 0)
    say(`${exits.length} processes ended by themselves, the last: ${exits.at(-1)?.lastWords}`);
  const recoveries = recoveriesIn(histories, deaths);
  const killsInHand = new Set(recoveries.map(({ killedAt }) => killedAt)).size;
  const alone = recoveries.filter(({ killedAt }) => moments.includes(killedAt));
  const count = (kind: Violation["kind"]) => violations.filter((one) => one.kind === kind).length;
  const summary = {
    ...{ seed: options.seed, mode: options.mode, ...damage, exits: exits.length },
    ...{ killsPerMinute, stormSeconds: Math.round(stormMs / 1000) },
    ...{ runs: lanes.runIds.length, events: histories.reduce((sum, { events }) => sum + events.length, 0) },
    ...{ killsInHand, executions: logged.executions, duplicateExecutions: logged.duplicateExecutions },
    recoveryMs: spreadOf(recoveries.map(({ ms }) => ms)),
    recoveryAloneMs: spreadOf(alone.map(({ ms }) => ms)),
    traces: { spans: collector.spans.size, repeated: collector.repeated },
    lookedThroughBytes: search.looked,
    ...{ calmMs, refusals: Object.fromEntries(lanes.refusals) },
    ...{ lost: count("lost"), twice: count("twice"), untraced: count("trace"), secrets: count("secret") },
    ...{ violations: violations.length },
    seconds: Math.round((Date.now() - startedAt) / 1000),
  };
  process.stdout.write(`${JSON.stringify(summary)}\n`);
} catch (error) {
  violations.push(plain("the harness failed", error instanceof Error ? error.stack : String(error)));
}

if (violations.length > 0) {
  await writeFile(join(directory, "violations.json"), JSON.stringify(violations, null, 2));
  for (const { runId, what, found, expected } of violations.slice(0, 10))
    say(`VIOLATION ${runId ?? ""} ${what}\n  found ${text(found)}\n  expected ${text(expected)}`);
  say(`${violations.length} violations; seed ${options.seed}; logs, database, violations.json: ${directory}`);
}
if (violations.length > 0 || options.keep) await deployment.keep();
await deployment.remove();
await Promise.all([collector.close(), planted.close()]);
if (violations.length === 0 && !options.keep) await rm(directory, { recursive: true, force: true });
process.exit(violations.length === 0 ? 0 : 1);

/** One worker is older, with an odd seed the API as well. */
async function olderFor(commit: string) {
  const names = options.seed % 2 === 1 ? ["api", "worker-1"] : ["worker-1"];
  say(`${names.join(" and ")} as of ${commit}, on a database of a later version`);
  return { programs: await bundleOlder(commit), names };
}

function plain(what: string, found?: unknown): Violation {
  return { kind: "differs", runId: null, what, found };
}

function text(value: unknown): string {
  return String(JSON.stringify(value)).slice(0, 1500);
}
