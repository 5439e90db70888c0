import { mkdtempSync, rmSync } from "node:fs";
import { appendFile, readFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { anchorFile } from "../../../src/adapters/files/anchor.ts";
import { checkpointHash, readCheckpoint } from "../../../src/core/audit/checkpoint.ts";
import { proofsOf, rootBy } from "../../../src/core/audit/merkle.ts";
import { type Signer, signatureProblem, signerWith } from "../../../src/core/audit/signature.ts";
import { createKeyPair } from "../../../src/engine/bundle/signature.ts";
import { anchorOnce, checkpointOnce } from "../../../src/engine/checkpoint.ts";
import { sealOnce } from "../../../src/engine/seal-events.ts";
import { AT, committed, creating, transition } from "./given.ts";
import type { Subject } from "./subject.ts";

/** How the audit trail is vouched for. */
export function checkpointContract(subject: () => Subject): void {
  const store = () => subject().store;
  const ports = () => ({ store: store(), clock: { now: () => AT + 5, random: () => 0.5 } });
  const begun = (runId: string) => committed(store(), creating(runId));
  const goneOn = (runId: string) =>
    committed(store(), transition(runId, { expected: { epoch: 0, branches: [] } }));
  const covered = async (signer: Signer | null = null, batch = 100) => {
    await sealOnce(ports(), 100);
    return checkpointOnce(ports(), signer, batch);
  };
  const all = () => store().checkpoints.list(0, 100);
  const bodies = async () => (await all()).map(({ body }) => readCheckpoint(body));
  const signer = () => {
    const made = signerWith(createKeyPair().privateKey);
    if ("problem" in made) throw new Error(made.problem);
    return made;
  };

  describe("a checkpoint", () => {
    test("covers what was sealed since the one before, and each vouches for that one", async () => {
      await begun("run_a");
      await begun("run_b");
      expect(await covered()).toBe("made");
      await goneOn("run_b");
      expect(await covered()).toBe("made");
      const [first, second] = await all();
      expect(await bodies()).toMatchObject([
        { number: 1, previous: null, runs: 2, position: 2, at: AT + 5 },
        { number: 2, previous: checkpointHash(first?.body ?? ""), runs: 1, position: 3 },
      ]);
      expect([first?.signature, second?.signature]).toEqual([null, null]);
    });

    test("is not made while nothing happens", async () => {
      await covered();
      expect(await covered()).toBe("nothing");
      await begun("run_a");
      expect(await checkpointOnce(ports(), null, 100)).toBe("nothing");
      expect(await all()).toHaveLength(1);
    });

    test("is made at once by a key that has not signed the last one, and then no more", async () => {
      await begun("run_a");
      await covered();
      const [first, second] = [signer(), signer()];
      expect([await covered(first), await covered(first)]).toEqual(["made", "nothing"]);
      // The second one of the other key is over the event that tells of the change.
      expect([await covered(second), await covered(second), await covered(second)]).toEqual([
        "made",
        "made",
        "nothing",
      ]);
      const keys = (await all()).map(({ signature }) => signature?.keyId ?? null);
      expect(keys).toEqual([null, first.keyId, second.keyId, second.keyId]);
      expect(await bodies()).toMatchObject([{ runs: 1 }, { runs: 0 }, { runs: 0 }, { runs: 0 }]);
    });

    test("covers a long backlog piece by piece", async () => {
      for (const name of ["a", "b", "c"]) await begun(`run_${name}`);
      expect(await covered(null, 2)).toBe("more");
      expect(await covered(null, 2)).toBe("made");
      expect(await bodies()).toMatchObject([
        { runs: 2, position: 2 },
        { runs: 1, position: 3 },
      ]);
    });

    test("proves each of its runs", async () => {
      for (const name of ["a", "b", "c"]) await begun(`run_${name}`);
      await sealOnce(ports(), 100);
      const { heads } = await store().checkpoints.pending(100);
      await covered();
      const [made] = await bodies();
      for (const [index, head] of heads.entries())
        expect(rootBy(head, proofsOf(heads)(index))).toBe((made as { root: string }).root);
    });

    test("is made by one of two that try at once", async () => {
      await begun("run_a");
      await sealOnce(ports(), 100);
      const made = await Promise.all([1, 2].map(() => checkpointOnce(ports(), null, 100)));
      expect(made).toContain("made");
      expect(await all()).toHaveLength(1);
      for (const again of await all()) expect(await store().checkpoints.append(again, [])).toBe(false);
    });

    test("bears a signature that holds for its text alone, and a change of keys is told", async () => {
      const [older, newer] = [signer(), signer()];
      await begun("run_a");
      await covered(older);
      await begun("run_b");
      await covered(newer);
      const [first, second] = await all();
      expect([first?.signature?.keyId, second?.signature?.keyId]).toEqual([older.keyId, newer.keyId]);
      for (const { body, signature } of await all()) {
        expect(signature && signatureProblem(body, signature)).toBeNull();
        expect(signature && signatureProblem(`${body} `, signature)).toMatch(/does not belong/);
        expect(signature && signatureProblem(body, { ...signature, keyId: "ed25519:0" })).toMatch(/is not/);
      }
      const [told] = await store().adminEvents.list(null, { limit: 1 });
      expect(told).toMatchObject({
        action: "audit-key.changed",
        data: { from: older.keyId, to: newer.keyId },
      });
    });
  });

  describe("an anchor", () => {
    const folder = mkdtempSync(join(tmpdir(), "station-anchor-"));
    afterAll(() => rmSync(folder, { recursive: true, force: true }));
    let files = 0;
    const anchored = (path: string) => anchorOnce(ports(), anchorFile(path));

    test("gets every checkpoint once, also those that a crash kept from it", async () => {
      const path = join(folder, `${++files}`);
      await begun("run_a");
      await covered();
      expect(await anchored(path)).toBeNull();
      for (const name of ["b", "c"]) {
        await begun(`run_${name}`);
        await covered();
      }
      await appendFile(path, '{"checkpoint":2,"ha');
      expect(await anchored(path)).toBeNull();
      expect(await anchored(path)).toBeNull();
      const lines = (await readFile(path, "utf8")).trim().split("\n");
      const notes = (await all()).map(({ number, body }) =>
        JSON.stringify({ checkpoint: number, hash: checkpointHash(body) }),
      );
      expect(lines).toEqual([notes[0], '{"checkpoint":2,"ha', notes[1], notes[2]]);
    });

    test("that knows more than the database, or something else, gets nothing", async () => {
      const path = join(folder, `${++files}`);
      await begun("run_a");
      await covered();
      await appendFile(path, `{"checkpoint":2,"hash":"${"0".repeat(64)}"}\n`);
      expect(await anchored(path)).toBe("it ends at checkpoint 2, which the database does not have");
      await begun("run_b");
      await covered();
      expect(await anchored(path)).toBe("checkpoint 2 is another one in the database");
      expect((await readFile(path, "utf8")).split("\n")).toHaveLength(2);
    });
  });
}
