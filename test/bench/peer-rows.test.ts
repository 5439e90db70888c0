import { expect, test } from "vitest";
import type { PeerTrial } from "./peer.ts";
import { type PeerResult, peerRows } from "./peer-rows.ts";
import { isMet, ratioOf } from "./scenario.ts";

const trial = (stepsPerSecond: number, stepMsP50: number): PeerTrial => ({
  stepsPerSecond,
  stepMsP50,
  stepMsP99: 9,
  steps: 100,
  cpuMicrosPerStep: 50,
  runs: 10,
  setup: "flushes",
});
const peer = (name: string, stepsPerSecond: number, stepMsP50: number): PeerResult => ({
  name,
  software: `${name} 1.0`,
  trials: [trial(stepsPerSecond, stepMsP50)],
});
const OURS = [trial(4000, 1)];
const last = (inFlight: number, results: readonly PeerResult[]) => peerRows(inFlight, OURS, results).at(-1);

test("at 64 in flight ours is held against the fastest peer", () => {
  const row = last(64, [peer("slow", 100, 1), peer("fast", 1001, 8)]);
  expect(row).toMatchObject({ figure: "throughput, the fastest: fast", ours: 4000, other: 1001 });
  expect(row && isMet(row)).toBe(false);
  expect(row && ratioOf(row)).toBeCloseTo(3.996, 3);
});

test("a lone run's step is held against the quickest peer's", () => {
  const row = last(1, [peer("slow", 100, 1.5), peer("fast", 1001, 8)]);
  expect(row).toMatchObject({ figure: "step to step p50, the quickest: slow", ours: 1, other: 1.5 });
  expect(row && isMet(row)).toBe(true);
});

test("while a peer could not be measured nothing is said of the target, and the table says why", () => {
  const rows = peerRows(64, OURS, [peer("slow", 100, 1), { name: "away", failure: "no server" }]);
  expect(rows.map(isMet)).toEqual(rows.map(() => null));
  expect(rows.map(({ note }) => note)).toContain("away is not measured: no server");
});

test("without any peer there is nothing to be held against", () => {
  expect(peerRows(64, OURS, [{ name: "away", failure: "no server" }])).toMatchObject([
    { ours: 4000, other: null, target: null },
  ]);
});
