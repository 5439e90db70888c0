import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { createApi } from "../api.ts";
import { median } from "../measure.ts";
import { programs } from "../programs.ts";
import type { Bench, Row, Scenario } from "../scenario.ts";
import { startStation } from "../station.ts";
import { ENVIRONMENT, sequence, writeEnvironments } from "../workflows.ts";

const ONE_STEP = sequence("one-step", "constant", 1);

/** From nothing to an answer. */
export const coldStart: Scenario = {
  name: "coldstart",
  summary:
    "from the start of a process to its first answer and its first run, on an empty and on a used database",
  parts: [coldStarts],
};

type Times = { readonly answers: number; readonly ran: number };

async function coldStarts(bench: Bench): Promise<readonly Row[]> {
  await programs(); // built before the first of them is timed
  const empty: Times[] = [];
  const used: Times[] = [];
  const bare: number[] = [];
  for (let trial = 0; trial < bench.trials; trial++) {
    const directory = await bench.directory("cold");
    await writeFiles(join(directory, "environments"));
    empty.push(await coldTimes(directory));
    used.push(await coldTimes(directory));
    bare.push(await timeOfNode());
  }
  const row = { scenario: "coldstart", unit: "ms", inFlight: null, target: null };
  const rowsOf = (what: string, times: readonly Times[]) => [
    {
      ...row,
      figure: `${what}, first answer, against node alone`,
      ours: median(times.map(({ answers }) => answers)),
      other: median(bare),
      details: times,
    },
    { ...row, figure: `${what}, first run ended`, ours: median(times.map(({ ran }) => ran)), other: null },
  ];
  return [...rowsOf("empty database", empty), ...rowsOf("used database", used)];
}

async function writeFiles(environments: string): Promise<void> {
  await writeEnvironments(environments);
  const workflows = join(environments, ENVIRONMENT, "workflows");
  await mkdir(workflows, { recursive: true });
  await writeFile(join(workflows, `${ONE_STEP.id}.workflow.json`), JSON.stringify(ONE_STEP));
}

/** Since the process was asked for; it reads its workflow from a file before it listens. */
async function coldTimes(directory: string): Promise<Times> {
  const begun = performance.now();
  const station = await startStation("serve", directory, {});
  const api = createApi(station.url);
  try {
    const { status } = await api.call("GET", "/readyz");
    if (status !== 200) throw new Error(`readyz answers ${status}`);
    const answers = performance.now() - begun;
    const ended = await api.finish(ONE_STEP.id);
    if (ended !== "COMPLETED") throw new Error(`the run ended ${ended}`);
    return { answers, ran: performance.now() - begun };
  } finally {
    api.close();
    await station.stop();
  }
}

/** A process that does nothing. */
async function timeOfNode(): Promise<number> {
  const begun = performance.now();
  await once(spawn(process.execPath, ["-e", "0"], { stdio: "ignore" }), "exit");
  return performance.now() - begun;
}
