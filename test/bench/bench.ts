import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { machineOf } from "./machine.ts";
import { removePrograms } from "./programs.ts";
import { type Bench, isMet, type Row, ratioOf, type Scenario } from "./scenario.ts";
import { agents } from "./scenarios/agents.ts";
import { approvals } from "./scenarios/approvals.ts";
import { audit } from "./scenarios/audit.ts";
import { cancel } from "./scenarios/cancel.ts";
import { ceilingFile } from "./scenarios/ceiling-file.ts";
import { ceilingSqld } from "./scenarios/ceiling-sqld.ts";
import { coldStart } from "./scenarios/cold-start.ts";
import { core } from "./scenarios/core.ts";
import { embedded } from "./scenarios/embedded.ts";
import { expressions } from "./scenarios/expressions.ts";
import { fanOut } from "./scenarios/fan-out.ts";
import { foreach } from "./scenarios/foreach.ts";
import { handOff } from "./scenarios/hand-off.ts";
import { nats } from "./scenarios/nats.ts";
import { observability } from "./scenarios/observability.ts";
import { peers } from "./scenarios/peers.ts";
import { recovery } from "./scenarios/recovery.ts";
import { schedules } from "./scenarios/schedules.ts";
import { soak } from "./scenarios/soak.ts";
import { sqld } from "./scenarios/sqld.ts";
import { start } from "./scenarios/start.ts";
import { stored } from "./scenarios/stored.ts";
import { stream } from "./scenarios/stream.ts";
import { sync } from "./scenarios/sync.ts";
import { ui } from "./scenarios/ui.ts";
import { waiting } from "./scenarios/waiting.ts";
import { tableOf } from "./table.ts";

const STANDARD = [
  embedded,
  nats,
  sqld,
  handOff,
  start,
  foreach,
  fanOut,
  approvals,
  stream,
  waiting,
  schedules,
  recovery,
  coldStart,
  expressions,
  core,
  sync,
  audit,
  observability,
  agents,
  cancel,
  ui,
  peers,
];
/** Only by name: they take long, or are measured by others too (`embedded`, `nats` and `sqld` have their ceilings). */
const ON_DEMAND = [soak, stored, ceilingFile, ceilingSqld];
const CACHE = fileURLToPath(new URL("../../.cache/bench/", import.meta.url));

const USAGE = `node test/bench/bench.ts [scenario…] [--quick] [--trials n] [--json file] [--dir directory]

  --quick    short and small: shows that it works, not how well
  --minutes  of the soak (default 10)
  --steps    that the scenario stored keeps (default 10,000,000)
  --trials   of each contestant (default 5)
  --json     where the figures go as JSON (default .cache/bench/results.json)
  --dir      where databases are made: the disk that is measured (default .cache/bench)

${[...STANDARD, ...ON_DEMAND].map(({ name, summary }) => `  ${name.padEnd(14)}${summary}`).join("\n")}
`;

await main();

async function main(): Promise<void> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      quick: { type: "boolean", default: false },
      trials: { type: "string" },
      minutes: { type: "string", default: "10" },
      steps: { type: "string", default: "10000000" },
      json: { type: "string", default: join(CACHE, "results.json") },
      dir: { type: "string", default: CACHE },
      help: { type: "boolean", short: "h", default: false },
    },
  });
  const scenarios = positionals.length === 0 ? STANDARD : positionals.map(scenarioNamed);
  if (values.help || scenarios.includes(null)) {
    process.stderr.write(USAGE);
    process.exitCode = values.help ? 0 : 2;
    return;
  }
  for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => process.exit(130));

  const root = resolve(values.dir);
  await mkdir(root, { recursive: true });
  const scratch = await mkdtemp(join(root, "run-"));
  try {
    const machine = await machineOf(scratch);
    process.stdout.write(
      `${Object.entries(machine)
        .map(([name, value]) => `${name}: ${value}\n`)
        .join("")}\n`,
    );
    const bench: Bench = {
      isQuick: values.quick,
      trials: Number(values.trials ?? (values.quick ? 1 : 5)),
      warmUpMs: values.quick ? 500 : 2000,
      windowMs: values.quick ? 1000 : 5000,
      minutes: Number(values.minutes),
      storedSteps: Number(values.steps),
      directory: (name) => mkdtemp(join(scratch, `${name}-`)),
      say: (line) => process.stderr.write(`${line}\n`),
    };
    const rows: Row[] = [];
    for (const scenario of scenarios) rows.push(...(await rowsOf(scenario as Scenario, bench)));
    process.stdout.write(`${tableOf(rows)}\n`);
    if (values.quick) process.stdout.write("\nMeasured with --quick: not figures to quote.\n");
    const results = rows.map((row) => ({ ...row, ratio: ratioOf(row), met: isMet(row) }));
    await mkdir(dirname(resolve(values.json)), { recursive: true });
    await writeFile(values.json, `${JSON.stringify({ machine, quick: values.quick, results }, null, 2)}\n`);
  } finally {
    await rm(scratch, { recursive: true, force: true });
    await removePrograms();
  }
}

function scenarioNamed(name: string): Scenario | null {
  return [...STANDARD, ...ON_DEMAND].find((scenario) => scenario.name === name) ?? null;
}

async function rowsOf(scenario: Scenario, bench: Bench): Promise<readonly Row[]> {
  bench.say(`${scenario.name}: ${scenario.summary}`);
  const rows: Row[] = [];
  for (const part of scenario.parts) rows.push(...(await rowsOfPart(scenario, part, bench)));
  return rows;
}

/** What cannot be measured leaves a row that says why, and the others go on. */
async function rowsOfPart(
  scenario: Scenario,
  part: Scenario["parts"][number],
  bench: Bench,
): Promise<readonly Row[]> {
  try {
    return await part(bench);
  } catch (error) {
    process.exitCode = 1;
    bench.say(`${scenario.name} failed: ${error instanceof Error ? (error.stack ?? error.message) : error}`);
    const note = `not measured: ${(error instanceof Error ? error.message : String(error)).split("\n")[0]}`;
    const nothing = { figure: "not measured", unit: "see below", inFlight: null, ours: null, other: null };
    return [{ scenario: scenario.name, ...nothing, target: null, note }];
  }
}
