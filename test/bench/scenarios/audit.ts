import { join } from "node:path";
import { openTrail } from "../../../src/adapters/libsql/open-trail.ts";
import { verifyTrail } from "../../../src/engine/verify-trail.ts";
import { Chance } from "../../simulation/random.ts";
import { makeTrail } from "../../support/audit/make-trail.ts";
import { missed, tamper } from "../../support/audit/tamper.ts";
import type { Bench, Row, Scenario } from "../scenario.ts";

const EVENTS_PER_RUN = 50;
/** The claim: so many events a second on one core. */
const CLAIM = 200_000;

/** How fast the audit trail is verified, and whether any edit of a million events is missed. */
export const audit: Scenario = {
  name: "audit",
  summary: "events a second that `stn audit verify` reads; edits of a million events that it misses",
  parts: [verifying],
};

async function verifying(bench: Bench): Promise<readonly Row[]> {
  const runs = (bench.isQuick ? 50_000 : 1_000_000) / EVENTS_PER_RUN;
  const seed = 20_261_129;
  const chance = new Chance(seed);
  const url = `file:${join(await bench.directory("audit"), "audit.db")}`;
  bench.say(`making ${runs * EVENTS_PER_RUN} events`);
  const trail = await makeTrail(url, { runs, eventsPerRun: EVENTS_PER_RUN }, () => chance.next());
  const times: number[] = [];
  for (let trial = 0; trial < bench.trials; trial++) {
    const { events, ms, faults } = await verified(url);
    if (faults.length > 0) throw new Error(`faults in what nobody touched: ${faults[0]?.message}`);
    times.push((ms / events) * CLAIM);
    bench.say(`${Math.round((events / ms) * 1000)} events a second of processor time`);
  }
  const edits = tamper(trail, Math.floor(runs * 0.9), () => chance.next());
  const { faults } = await verified(url);
  const notFound = missed(edits, faults);
  const row = { scenario: "audit", inFlight: null, other: null };
  const time = times.sort((a, b) => a - b)[Math.floor(times.length / 2)] ?? Number.NaN;
  return [
    {
      ...row,
      figure: "verify 200,000 events, processor time",
      unit: "ms",
      ours: time,
      target: { atMost: 1000 },
      note: `${Math.round((CLAIM / time) * 1000)} events/s; a trail of ${runs * EVENTS_PER_RUN}`,
      details: { times },
    },
    {
      ...row,
      figure: "single edits missed or misnamed",
      unit: "",
      ours: notFound.length,
      target: { atMost: 0 },
      note: `of ${edits.length} in ${runs * EVENTS_PER_RUN} events: every audited field, losses, additions, order`,
      details: { seed, missed: notFound },
    },
  ];
}

/** One process on one thread: what the processor spent is what one core takes, whatever else the machine does. */
async function verified(url: string) {
  const opened = await openTrail(url);
  try {
    const before = process.cpuUsage();
    const { faults, events } = await verifyTrail(opened, { keys: new Set(), anchored: new Map() });
    const { user, system } = process.cpuUsage(before);
    return { faults, events, ms: (user + system) / 1000 };
  } finally {
    await opened.close();
  }
}
