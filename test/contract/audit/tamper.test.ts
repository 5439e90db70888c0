import { copyFileSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { FileDriver } from "../../../src/adapters/libsql/file-driver.ts";
import { openTrail } from "../../../src/adapters/libsql/open-trail.ts";
import { chainHash, chainStart } from "../../../src/core/audit/chain.ts";
import { checkpointHash, checkpointText, readCheckpoint } from "../../../src/core/audit/checkpoint.ts";
import { markOf } from "../../../src/core/audit/marks.ts";
import { rootOf } from "../../../src/core/audit/merkle.ts";
import type { Trust } from "../../../src/core/audit/verify-checkpoints.ts";
import { verifyTrail } from "../../../src/engine/verify-trail.ts";
import { Chance } from "../../simulation/random.ts";
import { type MadeTrail, makeTrail } from "../../support/audit/make-trail.ts";
import { EDIT_KINDS, missed, tamper } from "../../support/audit/tamper.ts";

const folder = mkdtempSync(join(tmpdir(), "station-tamper-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const NOBODY: Trust = { keys: new Set(), anchored: new Map() };

async function verify(url: string, trust: Trust = NOBODY, page?: number) {
  const trail = await openTrail(url);
  try {
    return await verifyTrail(trail, trust, page);
  } finally {
    await trail.close();
  }
}

describe("fifty thousand events", () => {
  const seed = Math.floor(Math.random() * 2 ** 32);
  const chance = new Chance(seed);
  const random = () => chance.next();
  let trail: MadeTrail;
  beforeAll(async () => {
    trail = await makeTrail(`file:${join(folder, "many.db")}`, { runs: 1000, eventsPerRun: 50 }, random);
  });

  it("that nobody touched are found to be as they were kept", async () => {
    const trust = { ...NOBODY, keys: new Set([trail.signer.keyId]) };
    expect(await verify(trail.url, trust)).toMatchObject({
      faults: [],
      runs: 1000,
      events: 50_000,
      unsealed: 0,
      signed: new Map([[trail.signer.keyId, expect.any(Number)]]),
    });
  });

  it("show every single edit of every audited field, every loss and every addition, by event and field", async () => {
    const edits = tamper(trail, 900, random);
    expect(new Set(edits.map(({ kind }) => kind))).toEqual(new Set(EDIT_KINDS));
    const { faults } = await verify(trail.url);
    expect({ seed, missed: missed(edits, faults) }).toEqual({ seed, missed: [] });
    const touched = new Set(edits.map(({ runId }) => runId));
    expect(faults.filter(({ subject }) => !touched.has(subject))).toEqual([]);
  });
});

describe("a database that somebody with every right has written to", () => {
  let trail: MadeTrail;
  let files = 0;
  beforeAll(async () => {
    trail = await makeTrail(
      `file:${join(folder, "few.db")}`,
      { runs: 12, eventsPerRun: 30 },
      new Chance(7).next.bind(new Chance(7)),
    );
  });

  /** A copy that was changed, guards taken away. */
  function changed(change: (db: FileDriver) => void): string {
    const path = join(folder, `changed-${++files}.db`);
    copyFileSync(trail.url.slice("file:".length), path);
    const db = new FileDriver(path);
    for (const [name] of db.statement("select name from sqlite_master where type = 'trigger'").all([]))
      db.exec(`drop trigger ${name}`);
    change(db);
    db.abandon();
    return `file:${path}`;
  }
  const sql = (text: string) => changed((db) => db.exec(text));
  const messages = async (url: string, trust?: Trust) =>
    (await verify(url, trust)).faults.map(({ message }) => message);

  it.each([
    [
      "an edited administrative event",
      "update admin_events set actor = 'user:eve' where position = 2",
      [/^administrative event 2 was changed/],
    ],
    [
      "a lost administrative event",
      "delete from admin_events where position = 2",
      [/^administrative event 2 is missing/],
    ],
    [
      "administrative events cut off with their seals",
      "delete from admin_events where position > 2; delete from admin_event_seals where position > 2",
      [/^administrative event 4 is missing: checkpoint 1 counts it/],
    ],
    [
      "an edited checkpoint",
      "update audit_checkpoints set body = replace(body, '\"at\":1', '\"at\":2') where number = 1",
      [/^checkpoint 1 its signature does not belong to it/],
    ],
    [
      "a checkpoint whose signature is none",
      "pragma ignore_check_constraints = on; update audit_checkpoints set signature = 'signed' where number = 1",
      [/^checkpoint 1 its public key cannot be read/],
    ],
    [
      "a lost head",
      "delete from audit_heads where run_id = (select min(run_id) from audit_heads)",
      [/^checkpoint 1 is over 12 runs, and 11 are kept for it/],
    ],
    [
      "an edited head",
      "update audit_heads set seq = seq - 1 where run_id = (select min(run_id) from audit_heads)",
      [/^checkpoint 1 is over other heads/],
    ],
    [
      "a definition in another's place",
      "update workflow_definition_versions set definition = replace(definition, 'checker', 'evil') where id = 'triage'",
      [
        /^the definition of default\/triage v1 is not what was published/,
        /^default\/triage v1 is not what run run_\w+ was started with/,
      ],
    ],
    [
      "another source of a definition",
      "update workflow_definition_versions set source = source || ' ' where id = 'ci'",
      [/^the source of default\/ci v1 is not what was published/],
    ],
    [
      "a lost definition",
      "delete from workflow_definition_versions where id = 'triage'",
      [/^default\/triage v1 is missing, with which run run_\w+ was started/],
    ],
    [
      "a run's row alone that is gone",
      "pragma foreign_keys = off; delete from workflow_runs where run_id = (select min(run_id) from workflow_runs)",
      [/^there is a run without events, or events without their run/],
    ],
    [
      "an edited seal",
      "update workflow_run_seals set hash = replace(hash, substr(hash, 1, 1), 'g') where (run_id, seq) in (select run_id, max(seq) from workflow_run_seals group by run_id limit 1)",
      [/^events 22 to 30 and the seal at 30 do not belong together/],
    ],
  ])("shows %s", async (_, text, expected) => {
    const found = await messages(sql(text));
    expect(found).toEqual(expected.map((pattern) => expect.stringMatching(pattern)));
  });

  /** Edits an event and everything in the database that would tell, as far as that goes without the key. */
  function rewritten(db: FileDriver): void {
    const [runId = ""] = trail.runIds;
    db.statement("update workflow_run_events set actor = 'user:eve' where run_id = ? and seq = 20").run([
      runId,
    ]);
    let hash = chainStart(runId);
    let marks = "";
    const rows = db
      .statement(
        "select seq, type, at, actor, channel, data, spilled from workflow_run_events where run_id = ? order by seq",
      )
      .all([runId]);
    for (const [seq, type, at, actor, channel, data] of rows) {
      const event = {
        ...{ runId, seq: Number(seq), type: String(type), at: Number(at) },
        ...{ actor: String(actor), channel: String(channel), data: String(data), spilled: null },
      };
      hash = chainHash(hash, event);
      marks += markOf(event);
      const { changes } = db
        .statement("update workflow_run_seals set hash = ?, marks = ? where run_id = ? and seq = ?")
        .run([hash, marks, runId, event.seq]);
      if (changes > 0) marks = "";
    }
  }

  function rewriteCheckpoints(db: FileDriver): void {
    const heads = db
      .statement(
        `select h.run_id, h.seq, s.hash from audit_heads h
         join workflow_run_seals s on s.run_id = h.run_id and s.seq = h.seq order by h.run_id`,
      )
      .all([])
      .map(([runId, seq, hash]) => ({ runId: String(runId), seq: Number(seq), hash: String(hash) }));
    for (const { runId, hash } of heads)
      db.statement("update audit_heads set hash = ? where run_id = ?").run([hash, runId]);
    const [[body] = []] = db.statement("select body from audit_checkpoints").all([]);
    const checkpoint = readCheckpoint(String(body));
    if (typeof checkpoint === "string") throw new Error(checkpoint);
    const text = checkpointText({ ...checkpoint, root: rootOf(heads) });
    db.statement("update audit_checkpoints set body = ?, signature = null").run([text]);
  }

  it("shows a run that was rewritten with all its hashes, by the checkpoint before", async () => {
    expect(await messages(changed(rewritten))).toEqual([
      "events 1 to 30 were rewritten with the seals: checkpoint 1 knows another hash at event 30",
    ]);
  });

  it("shows checkpoints that were rewritten too, to whoever knows the key or has the anchor", async () => {
    const url = changed((db) => {
      rewritten(db);
      rewriteCheckpoints(db);
    });
    expect(await messages(url)).toEqual([]);
    expect(await messages(url, { ...NOBODY, keys: new Set([trail.signer.keyId]) })).toEqual([
      "checkpoint 1 and those after it are not signed by a key that is trusted here",
    ]);
    const anchored = new Map([[1, checkpointHash(await firstCheckpoint())]]);
    expect(await messages(url, { ...NOBODY, anchored })).toEqual([
      "checkpoint 1 is not the one that was anchored",
    ]);
  });

  it("that was cut back as a whole is shown by the anchor alone", async () => {
    const anchored = new Map([
      [1, checkpointHash(await firstCheckpoint())],
      [2, "0".repeat(64)],
    ]);
    expect(await messages(trail.url, { ...NOBODY, anchored })).toEqual([
      "the anchor knows checkpoint 2, and the database ends at 1: it was cut back",
    ]);
  });

  it("says the same whether it is read in one page or in many", async () => {
    const url = changed(rewritten);
    const whole = await verify(url);
    for (const page of [1, 7, 30, 360]) expect(await verify(url, NOBODY, page)).toEqual(whole);
  });

  it("may be missing the runs of which an administrative event says that they were removed", async () => {
    const [runId = ""] = trail.runIds;
    const remove = (db: FileDriver) => {
      db.exec("pragma foreign_keys = on");
      db.statement("delete from workflow_runs where run_id = ?").run([runId]);
    };
    expect(await messages(changed(remove))).toEqual([
      "the run is missing: checkpoint 1 says that it had 30 events",
    ]);
    const tells = (db: FileDriver, action: string, runs: readonly unknown[]) =>
      db
        .statement(
          `insert into admin_events (id, at, actor, channel, action, environment, subject, data)
           values ('adm_' || ?1, 1, 'system', 'worker', ?1, null, 'station', ?2)`,
        )
        .run([action, JSON.stringify({ runs })]);
    const removed = (seq: number) => (db: FileDriver) => {
      remove(db);
      tells(db, "runs.removed", [{ runId, seq, hash: "" }]);
    };
    const told = changed(removed(30));
    expect(await verify(told)).toMatchObject({ faults: [], removed: 1 });
    const missing = ["the run is missing: checkpoint 1 says that it had 30 events"];
    expect(await messages(changed(removed(29)))).toEqual(missing);
    const back = changed((db) => {
      removed(30)(db);
      tells(db, "runs.brought_back", [runId]);
    });
    expect(await messages(back)).toEqual(missing);
  });

  async function firstCheckpoint(): Promise<string> {
    const opened = await openTrail(trail.url);
    const [first] = await opened.checkpoints(0, 1);
    await opened.close();
    return first?.body ?? "";
  }
});
