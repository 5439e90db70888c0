import { randomBytes } from "node:crypto";
import { closedLoop, StepClock, type Throughput, type Window } from "../measure.ts";
import { STEPS } from "./changes.ts";
import { openFile } from "./file.ts";
import { groupCommit } from "./group-commit.ts";
import { handOffInProcess, handOffThroughNats } from "./hand-off.ts";
import { openSqld } from "./sqld.ts";

/** Which bare loop to run: on a file or an sqld, handed over in the process or through a nats-server. */
export type CeilingOptions = Window & {
  readonly inFlight: number;
  readonly database: { readonly file: string } | { readonly sqld: string };
  readonly natsUrl: string | null;
};

/** What the machine can do without an engine: design I (file) and E (sqld) of the README. */
export async function measure(options: CeilingOptions): Promise<Throughput> {
  const { database, natsUrl, inFlight } = options;
  const owner = `bare-${process.pid}`;
  const ledger = "file" in database ? openFile(database.file, owner) : await openSqld(database.sqld, owner);
  const commit = groupCommit(ledger.write);
  const clock = new StepClock();
  const ends = new Map<string, PromiseWithResolvers<void>>();

  const work = async (runId: string) => {
    if (!(await commit({ kind: "claim", runId }))) return;
    for (let step = 0; step < STEPS; step++) {
      clock.step(runId);
      const output = await execute();
      if (!(await commit({ kind: "finish", runId, step, output }))) return;
    }
    clock.end(runId);
    ends.get(runId)?.resolve();
  };
  const activate = (runId: string) => work(runId).catch((error: unknown) => ends.get(runId)?.reject(error));
  const handOff =
    natsUrl === null ? handOffInProcess(activate) : await handOffThroughNats(natsUrl, inFlight, activate);

  let started = 0;
  const prefix = `run_${randomBytes(4).toString("hex")}`;
  const runOnce = async () => {
    const runId = `${prefix}${String(started++).padStart(10, "0")}`;
    const end = Promise.withResolvers<void>();
    ends.set(runId, end);
    await commit({ kind: "start", runId });
    await handOff.send(runId);
    await end.promise;
    ends.delete(runId);
  };
  const throughput = await closedLoop({ ...options, runOnce }, clock);
  const { ended, wrong } = await ledger.audit();
  if (ended !== started || wrong > 0)
    throw new Error(`the bare loop lost something: ${started} started, ${ended} ended, ${wrong} wrong`);
  await handOff.close();
  ledger.close();
  return throughput;
}

/** The simplest step there is. */
async function execute(): Promise<string> {
  return '{"ok":true}';
}
