import fc from "fast-check";
import { afterAll, describe, expect, it } from "vitest";
import { obtainSqld } from "../../support/server-binaries.ts";
import { mustSkip, type SqldServer, startSqld } from "../../support/servers.ts";
import { play, type Told } from "./play.ts";
import { openStation, type Station } from "./station.ts";
import { DOORS, histories, STRANGERS } from "./visits.ts";

const { HISTORIES, SEED = "1" } = process.env;
const count = Number(HISTORIES ?? "90");
const few = Math.ceil(count / 9);

const program = await obtainSqld();
const none = () => ({ accepted: 0, refused: 0 });
const nothing = (): Told => ({
  ...{ api: none(), run: none(), cli: none(), link: none(), batch: none(), delegate: none() },
  ...{
    nobody: 0,
    forged: 0,
    "link-alone": 0,
    mcp: 0,
    hook: 0,
    "dry-run": 0,
    "foreign-page": 0,
    "logged-out": 0,
  },
  ...{ races: 0, histories: 0, calls: 0, browsers: 0 },
});

async function played(station: Station, numRuns: number): Promise<Told> {
  const told = nothing();
  const property = fc.asyncProperty(histories, (history) => play(station, history, told));
  await fc.assert(property, { numRuns, seed: Number(SEED), endOnFailure: true });
  if (HISTORIES !== undefined) console.info(JSON.stringify(told));
  return told;
}

it(`in ${count} histories by every door nobody decides who may not, nobody counts twice, and no approval is used twice`, {
  timeout: 60_000 + count * 1000,
}, async () => {
  const station = await openStation();
  const told = await played(station, count).finally(() => station.close());
  // The histories are worth something: by each door much is decided and much refused, and races are lost.
  for (const door of DOORS)
    expect(Math.min(told[door].accepted, told[door].refused)).toBeGreaterThan(count / 45);
  for (const stranger of STRANGERS) expect(told[stranger]).toBeGreaterThan(count / 24);
  expect(told.races).toBeGreaterThan(count / 6);
  expect(told.browsers).toBeGreaterThan(count);
  expect(told.calls).toBeGreaterThan(count / 24);
});

describe.skipIf(mustSkip("histories by every door on sqld", program))("with the database on a server", () => {
  let server: SqldServer | undefined;
  afterAll(() => server?.stop());

  it(`the same holds in ${few} histories through two processes, whoever of them is asked`, {
    timeout: 120_000 + few * 8000,
  }, async () => {
    server = await startSqld({ program });
    const station = await openStation({ url: server.url.replace(/^http/, "ws"), processes: 2 });
    const told = await played(station, few).finally(() => station.close());
    expect(told.histories).toBe(few);
  });
});
