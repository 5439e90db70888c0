import { createStore } from "../../../src/adapters/libsql/store.ts";
import { type Signer, signerWith } from "../../../src/core/audit/signature.ts";
import type { Definition } from "../../../src/core/definition/types.ts";
import { create } from "../../../src/core/run/decide.ts";
import type { Recorded } from "../../../src/core/run/events.ts";
import { type BranchPath, ROOT, type RunId, type StepId } from "../../../src/core/run/ids.ts";
import type { Transition } from "../../../src/core/run/transition.ts";
import { createKeyPair } from "../../../src/engine/bundle/signature.ts";
import { checkpointOnce } from "../../../src/engine/checkpoint.ts";
import { newId } from "../../../src/engine/ids.ts";
import type { Clock, Store } from "../../../src/engine/ports.ts";
import { sealOnce } from "../../../src/engine/seal-events.ts";
import { migrationsDir } from "../../../src/main/places.ts";
import { by } from "../people.ts";

/** An audit trail in a database of its own, and what it was made with. */
export type MadeTrail = {
  readonly url: string;
  readonly signer: Signer;
  /** PEM. */
  readonly publicKey: string;
  readonly runIds: readonly RunId[];
  readonly eventsPerRun: number;
};

/** Events of a run that are kept and sealed together. */
const AT_ONCE = 10;

const definition: Definition = {
  id: "triage",
  version: "1",
  name: "Incident triage",
  start: "check",
  states: [
    { type: "operation", action: "agent.run", name: "check", agent: "checker", transition: { end: true } },
  ],
};

/** Fills a database with runs of so many events each, sealed and covered by checkpoints of a key. */
export async function makeTrail(
  url: string,
  { runs, eventsPerRun }: { readonly runs: number; readonly eventsPerRun: number },
  random: () => number,
): Promise<MadeTrail> {
  const keys = createKeyPair();
  const signer = signerOf(keys.privateKey);
  let now = 1_800_000_000_000;
  const clock: Clock = { now: () => ++now, random };
  const log = { info() {}, warn() {}, error() {} };
  const store = await createStore({ url, migrationsDir, clock, log });
  try {
    for (const name of ["ci", "deploy", "audit"]) await publish(store, clock, name);
    await publish(store, clock, "triage");
    const runIds = Array.from({ length: runs }, () => newId("run", clock) as RunId);
    for (let from = 0; from < runs; from += 500) {
      const some = runIds.slice(from, from + 500);
      await Promise.all(some.map((runId) => kept(store, beginning(runId, clock))));
      for (let done = 1; done < eventsPerRun; done += AT_ONCE) {
        const count = Math.min(AT_ONCE, eventsPerRun - done);
        await Promise.all(some.map((runId) => kept(store, goingOn(runId, clock, done, count))));
        while ((await sealOnce({ store }, 5000)) > 0);
      }
      while ((await checkpointOnce({ store, clock }, signer, 10_000)) !== "nothing");
    }
    return { url, signer, publicKey: keys.publicKey, runIds, eventsPerRun };
  } finally {
    await store.close();
  }
}

function signerOf(privateKey: string): Signer {
  const signer = signerWith(privateKey);
  if ("problem" in signer) throw new Error(signer.problem);
  return signer;
}

async function publish(store: Store, clock: Clock, id: string): Promise<void> {
  await store.workflows.publish({
    environment: "default",
    definition: { ...definition, id },
    source: `id: ${id}`,
    sourceFormat: "yaml",
    origin: "api",
    at: clock.now(),
    by: "user:ana",
    channel: "api",
    eventId: newId("adm", clock),
  });
}

function beginning(runId: RunId, clock: Clock): Transition {
  const workflow = { id: "triage", version: 1, environment: "default" };
  const input = { host: `web-${runId.slice(-4)}` };
  return create({ runId, workflow, definition, input, labels: {} }, clock.now(), by("user:ana")).transition;
}

/** Facts as a run of agents has them, without the rows that would follow: only the trail matters here. */
function goingOn(runId: RunId, clock: Clock, done: number, count: number): Transition {
  const [branch, stepId] = [ROOT as BranchPath, "0123456789abcdef0123456789abcdef" as StepId];
  const events = Array.from(
    { length: count },
    (_, index): Recorded => ({
      at: clock.now(),
      ...(index % 3 === 0 ? by("user:ben", "cli") : by("worker:web-1:77:0a1b2c3d", "worker")),
      event:
        index % 2 === 0
          ? {
              type: "step.succeeded",
              ...{ branch, state: "check", stepId, attempt: 1 },
              output: { finding: `pod ${done + index} is restarting`, confidence: 0.93, restarts: index },
            }
          : {
              type: "state.exited",
              ...{ branch, state: "check", stepId },
              next: "decide",
              resultPath: "ctx.findings",
              condition: "error_rate > ctx.config.thresholds.errorRate",
            },
    }),
  );
  return {
    runId,
    expected: { epoch: 0, branches: [] },
    events,
    run: null,
    waiting: { approvals: 0, signals: 0 },
    simulated: false,
    ...{ branches: [], countersReset: [], childrenClosed: [], steps: [], approvals: [], signals: [] },
    ...{ cancelled: [], closed: false, alarms: [] },
  };
}

async function kept(store: Store, transition: Transition): Promise<void> {
  const { status } = await store.runs.commit(transition);
  if (status !== "committed") throw new Error(`expected to be kept, but was ${status}`);
}
