import { setImmediate as turn } from "node:timers/promises";
import { expect, test } from "vitest";
import { measurePeer, type Peer, type PeerOptions, type Step } from "./peer.ts";
import { STEPS } from "./workflows.ts";

const OPTIONS: PeerOptions = { warmUpMs: 1, windowMs: 20, inFlight: 2, directory: "nowhere" };

/** A peer that keeps runs and steps in memory. */
function opener(change: (peer: Peer, step: Step) => Partial<Peer> = () => ({})) {
  const state = { closed: 0 };
  const open = async (step: Step): Promise<Peer> => {
    let runs = 0;
    const peer: Peer = {
      setup: "in memory",
      async run(runId) {
        let output: unknown;
        for (let index = 0; index < STEPS; index++) {
          output = await step(runId);
          await turn();
        }
        runs++;
        return output;
      },
      kept: async () => ({ runs, steps: runs * STEPS }),
      close: async () => void state.closed++,
    };
    return { ...peer, ...change(peer, step) };
  };
  return { state, open };
}

test("a peer's steps are counted and timed, and it is closed", async () => {
  const { state, open } = opener();
  const trial = await measurePeer(OPTIONS, open);
  expect(trial.steps).toBeGreaterThan(0);
  expect(trial.stepMsP50).toBeGreaterThan(0);
  expect(trial.runs).toBeGreaterThanOrEqual(2);
  expect(trial.setup).toBe("in memory");
  expect(state.closed).toBe(1);
});

test("a run that ends with something else fails the trial", async () => {
  const { state, open } = opener((peer) => ({ run: async (runId) => [await peer.run(runId)] }));
  await expect(measurePeer(OPTIONS, open)).rejects.toThrow('run-0 ended with [{"ok":true}]');
  expect(state.closed).toBe(1);
});

test("a peer that has not kept each of its runs fails the trial", async () => {
  const { open } = opener((peer) => ({
    kept: async () => ({ ...(await peer.kept()), runs: (await peer.kept()).runs - 1 }),
  }));
  await expect(measurePeer(OPTIONS, open)).rejects.toThrow(/\d+ runs ended; kept are \d+/);
});

test("a peer that says that it did steps which it has not executed fails the trial", async () => {
  let runs = 0;
  const { open } = opener((_, step) => ({
    async run(runId) {
      const output = await step(runId);
      runs++;
      return output;
    },
    kept: async () => ({ runs, steps: runs * STEPS }),
  }));
  await expect(measurePeer(OPTIONS, open)).rejects.toThrow(/steps, of \d+ executed/);
});
