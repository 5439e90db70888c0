import { spawn } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { FileDriver } from "../../../src/adapters/libsql/file-driver.ts";
import { openFile } from "../../../src/adapters/libsql/open-file.ts";
import { EXIT } from "../../../src/cli/errors.ts";
import { createKeyPair } from "../../../src/engine/bundle/signature.ts";
import { type MadeTrail, makeTrail } from "../../support/audit/make-trail.ts";

const folder = mkdtempSync(join(tmpdir(), "station-audit-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** `stn` as people call it: a process of its own, without any server. */
function stn(...args: readonly string[]) {
  const child = spawn(process.execPath, ["src/main/cli.ts", ...args], {
    env: { PATH: process.env["PATH"], STATION_DATA_DIR: folder },
  });
  const texts = { out: "", err: "" };
  child.stdout.on("data", (chunk) => {
    texts.out += chunk;
  });
  child.stderr.on("data", (chunk) => {
    texts.err += chunk;
  });
  return new Promise<{ code: number | null; out: string; err: string }>((resolve) =>
    child.on("close", (code) => resolve({ code, ...texts })),
  );
}

describe("stn audit verify", () => {
  const path = join(folder, "station.db");
  let trail: MadeTrail;
  beforeAll(async () => {
    let next = 0;
    trail = await makeTrail(`file:${path}`, { runs: 5, eventsPerRun: 20 }, () => (next = (next + 0.37) % 1));
    writeFileSync(join(folder, "audit.pub"), trail.publicKey);
    writeFileSync(join(folder, "other.pub"), createKeyPair().publicKey);
  });

  it("reads a database of nobody's and says what it found, and who vouches for it", async () => {
    const { code, out, err } = await stn("audit", "verify", "--database", trail.url);
    expect({ code, out }).toEqual({ code: EXIT.ok, out: "" });
    expect(err).toContain("100 events of 5 runs, 4 administrative events, 4 versions of workflows");
    expect(err).toContain(`1 checkpoints, 1 signed by ${trail.signer.keyId}`);
    expect(err).toContain("no key was named");
    expect(err).toContain("everything is as it was kept");
  });

  it("takes the configured database, and only signatures of the keys that were named", async () => {
    const trusted = await stn("audit", "verify", "--public-key", join(folder, "audit.pub"), "--json");
    expect(trusted.code).toBe(EXIT.ok);
    expect(JSON.parse(trusted.out)).toMatchObject({ ok: true, events: 100, faults: [] });
    const other = await stn("audit", "verify", "--public-key", join(folder, "other.pub"), "-o", "id");
    expect(other).toMatchObject({ code: EXIT.findings, out: "faults\n" });
  });

  it("does not read what a running Station owns, and says how to", async () => {
    const owner = openFile(path);
    try {
      const { code, err } = await stn("audit", "verify", "--database", trail.url);
      expect(code).toBe(EXIT.error);
      expect(err).toContain("is in use: take a copy of it (stn backup copy.db)");
    } finally {
      await owner.close();
    }
  });

  it("names the event that was changed, with exit code 3", async () => {
    const db = new FileDriver(path);
    const [runId] = trail.runIds;
    db.exec(`update workflow_run_events set actor = 'user:eve' where run_id = '${runId}' and seq = 7`);
    db.abandon();
    const { code, out, err } = await stn("audit", "verify", "--database", trail.url);
    expect(code).toBe(EXIT.findings);
    expect(out).toBe(`run\t${runId}\t7\tevent 7 was changed: actor\n`);
    expect(err).toContain("1 thing is not as kept");
  });
});
