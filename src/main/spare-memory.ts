import { performance } from "node:perf_hooks";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";

/** Shares of the time in which the event loop had something to do. */
const BUSY = 0.2;
const IDLE = 0.05;

/**
 * V8 keeps the pages that a burst of work took, for the next one: half of what a process holds that only waits. Once it
 * has nothing to do any more they go back to the system, which holds it up for the tenth of a second, once per burst.
 */
export function giveBackSpareMemory(lookMs = 10_000): void {
  setFlagsFromString("--expose-gc");
  const collect: NodeJS.GCFunction = runInNewContext("gc");
  let wasBusy = false;
  let before = performance.eventLoopUtilization();
  const look = () => {
    const now = performance.eventLoopUtilization();
    const { utilization } = performance.eventLoopUtilization(now, before);
    before = now;
    if (utilization > BUSY) wasBusy = true;
    if (!wasBusy || utilization > IDLE) return;
    wasBusy = false;
    collect({ type: "major", flavor: "last-resort" });
    // Not what the collection itself took.
    before = performance.eventLoopUtilization();
  };
  setInterval(look, lookMs).unref();
}
