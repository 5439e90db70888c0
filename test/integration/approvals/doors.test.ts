import fc from "fast-check";
import { afterAll, beforeAll, expect, it } from "vitest";
import { play, type Told } from "./play.ts";
import { openStation, type Station } from "./station.ts";
import { DOORS, histories, STRANGERS } from "./visits.ts";

const { HISTORIES, SEED = "1" } = process.env;
const count = Number(HISTORIES ?? "100");

let station: Station;
beforeAll(async () => {
  station = await openStation();
});
afterAll(() => station.close());

it(`in ${count} histories by every door nobody decides who may not, nobody counts twice, and no approval is used twice`, {
  timeout: 60_000 + count * 1000,
}, async () => {
  const none = () => ({ accepted: 0, refused: 0 });
  const told: Told = {
    ...{ api: none(), run: none(), cli: none(), link: none(), batch: none(), delegate: none() },
    ...{ nobody: 0, forged: 0, "link-alone": 0, mcp: 0, hook: 0, "dry-run": 0, races: 0, histories: 0 },
  };
  await fc.assert(
    fc.asyncProperty(histories, (history) => play(station, history, told)),
    { numRuns: count, seed: Number(SEED) },
  );
  if (HISTORIES !== undefined) console.info(JSON.stringify(told));
  // The histories are worth something: by each door much is decided and much refused, and races are lost.
  for (const door of DOORS)
    expect(Math.min(told[door].accepted, told[door].refused)).toBeGreaterThan(count / 12);
  for (const stranger of STRANGERS) expect(told[stranger]).toBeGreaterThan(count / 24);
  expect(told.races).toBeGreaterThan(count / 6);
});
