import type { RunId } from "../../../src/core/run/ids.ts";
import { ROOT } from "../../../src/core/run/ids.ts";
import { branch, published, recorded, startedRun, transition } from "./given.ts";
import { openAt } from "./subject.ts";

/** Moves eight runs forward as fast as it can until it is killed, and prints what it was told is kept. */
const store = await openAt(process.argv[2] ?? "");
await published(store);
const tag = `run_${process.pid}`;
await Promise.all(
  Array.from({ length: 8 }, async (_, index) => {
    const runId = `${tag}_${index}` as RunId;
    await startedRun(store, runId);
    for (let version = 1; ; version++) {
      const result = await store.runs.commit(
        transition(runId, {
          expected: { epoch: 1, branches: [{ path: ROOT, version }] },
          branches: [branch(ROOT, { version: version + 1 })],
          events: [recorded({ type: "run.resumed" }), recorded({ type: "run.resumed" })],
        }),
      );
      if (result.status !== "committed") throw new Error(`a move of ${runId} was ${result.status}`);
      process.stdout.write(`${runId} ${result.lastSeq}\n`);
    }
  }),
);
