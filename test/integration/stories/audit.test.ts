import { generateKeyPairSync } from "node:crypto";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { openTrail } from "../../../src/adapters/libsql/open-trail.ts";
import { fingerprintOf } from "../../../src/core/ed25519.ts";
import { verifyTrail } from "../../../src/engine/verify-trail.ts";
import { createClient } from "../../../src/http/client.ts";
import { makeTrail } from "../../support/audit/make-trail.ts";
import { obtainSqld } from "../../support/server-binaries.ts";
import { mustSkip, startSqld } from "../../support/servers.ts";
import { gate } from "../http/definitions.ts";
import { eventually } from "./support/eventually.ts";
import { launch } from "./support/process.ts";

const folder = mkdtempSync(join(tmpdir(), "station-audit-story-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function keyPair(name: string) {
  const { privateKey, publicKey } = generateKeyPairSync("ed25519");
  const path = join(folder, `${name}.key`);
  writeFileSync(path, privateKey.export({ type: "pkcs8", format: "pem" }));
  return { path, fingerprint: fingerprintOf(publicKey) };
}

describe("a Station with a key and an anchor", () => {
  const [first, second] = [keyPair("first"), keyPair("second")];
  const anchor = join(folder, "anchor");

  /** Serves until a run has begun and a checkpoint vouches for it, then ends however `how` says. */
  async function served(key: { readonly path: string }, how: "stop" | "kill"): Promise<void> {
    const process = launch("api", {
      directory: folder,
      env: {
        ...{ PORT: "0", STATION_DATA_DIR: folder, STATION_ENVIRONMENTS_DIR: join(folder, "environments") },
        ...{
          STATION_AUDIT_KEY_FILE: key.path,
          STATION_AUDIT_ANCHOR_FILE: anchor,
          STATION_AUDIT_SECONDS: "0.2",
        },
        ...{ STATION_UI: "off", STATION_LOG_FORMAT: "json" },
      },
    });
    const { url } = await process.logged("listening");
    const client = createClient({ baseUrl: String(url) });
    await client.createWorkflow({ body: { definition: gate("gate") } }).catch((error: unknown) => {
      // The second time it is there.
      if (!String(error).includes("exists")) throw error;
    });
    const { runId } = await client.startRun({ body: { workflowId: "gate" } });
    await eventually(async () => {
      const evidence = await client.exportEvidence({ params: { runId } }).catch(() => null);
      return evidence?.ok === true;
    });
    await process[how]();
  }

  it("signs what it vouches for, through a kill and a change of keys, and the anchor knows each checkpoint", async () => {
    await served(first, "kill");
    await served(first, "stop");
    await served(second, "stop");
    const lines = (await readFile(anchor, "utf8"))
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line));
    const anchored = new Map<number, string>(lines.map(({ checkpoint, hash }) => [checkpoint, hash]));
    const trail = await openTrail(`file:${join(folder, "station.db")}`);
    try {
      const keys = new Set([first.fingerprint, second.fingerprint]);
      const verified = await verifyTrail(trail, { keys, anchored });
      expect(verified).toMatchObject({ faults: [], runs: 3, versions: 1 });
      expect([...verified.signed.keys()]).toEqual([first.fingerprint, second.fingerprint]);
      expect(anchored.size).toBeGreaterThanOrEqual(verified.checkpoints - 1);
      const told = (await trail.administration(0, 100)).map(({ event }) => event.action);
      expect(told.filter((action) => action !== "workflow.published")).toEqual([
        "settings.changed",
        "settings.changed",
        "audit-key.changed",
      ]);
    } finally {
      await trail.close();
    }
  });
});

const program = await obtainSqld();

describe.skipIf(mustSkip("the audit trail of a server", program))("a server's trail", () => {
  it("is read while it is written to, and nothing is taken for a fault that only came meanwhile", async () => {
    const server = await startSqld({ program });
    try {
      const url = server.url.replace(/^http/, "ws");
      let next = 0;
      const random = () => (next = (next + 0.618_033_98) % 1);
      await makeTrail(url, { runs: 40, eventsPerRun: 21 }, random);
      let isMade = false;
      const making = makeTrail(url, { runs: 400, eventsPerRun: 21 }, random).finally(() => {
        isMade = true;
      });
      let read = 0;
      do {
        const trail = await openTrail(url);
        const verified = await verifyTrail(trail, { keys: new Set(), anchored: new Map() }, 97);
        await trail.close();
        expect(verified.faults).toEqual([]);
        read++;
      } while (!isMade);
      await making;
      expect(read).toBeGreaterThan(1);
    } finally {
      await server.stop();
    }
  });
});
