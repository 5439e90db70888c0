import { archiveLines } from "../adapters/archive-files/archive-files.ts";
import { zipArchive } from "../adapters/bundles/zip.ts";
import { anchoredIn } from "../adapters/files/anchor.ts";
import type { AuditTools } from "../cli/deps.ts";
import { fingerprintOf, publicKeyIn } from "../core/ed25519.ts";
import { openEvidence } from "../engine/evidence.ts";
import type { Trail } from "../engine/ports/audit.ts";
import { checkArchive } from "../engine/retention.ts";
import { verifyTrail } from "../engine/verify-trail.ts";
import type { Config } from "./config.ts";

/** What reads the audit trail; `configure` says where that is unless a command does. */
export function createAuditTools(configure: () => { readonly config: Config }): AuditTools {
  return {
    async verify({ database, publicKeys, anchorFile }) {
      const keys = new Set(publicKeys.flatMap(fingerprintsIn));
      const notes = anchorFile === null ? [] : await anchoredIn(anchorFile);
      if (anchorFile !== null && notes.length === 0)
        throw new Error(
          `${anchorFile} notes no checkpoint: it is no anchor file, or somebody has emptied it`,
        );
      const anchored = new Map(notes.map(({ number, hash }) => [number, hash]));
      const trail = await openedAt(database, configure);
      try {
        return await verifyTrail(trail, { keys, anchored });
      } finally {
        await trail.close();
      }
    },
    verifyEvidence: (bytes, publicKeys) =>
      openEvidence(zipArchive, bytes, new Set(publicKeys.flatMap(fingerprintsIn))),
    readArchive: (path, publicKeys) =>
      checkArchive(archiveLines(path), new Set(publicKeys.flatMap(fingerprintsIn))),
  };
}

/** Loaded only where it is asked for: Node's own SQLite is not for the other commands. */
async function openedAt(url: string | null, configure: () => { readonly config: Config }): Promise<Trail> {
  const { openTrail } = await import("../adapters/libsql/open-trail.ts");
  if (url?.startsWith("file:")) return openTrail(url);
  const { database } = configure().config;
  const configured = database.kind === "file" ? `file:${database.path}` : database.url;
  const token = database.kind === "remote" ? (database.authToken ?? undefined) : undefined;
  return openTrail(url ?? configured, token);
}

/** A file may hold several keys, one after the other. */
function fingerprintsIn(text: string): readonly string[] {
  const pems = text.match(/-----BEGIN PUBLIC KEY-----[^-]*-----END PUBLIC KEY-----/g) ?? [text];
  return pems.map((pem) => {
    const key = publicKeyIn(pem);
    if ("problem" in key) throw new Error(`a public key ${key.problem}`, { cause: key.cause });
    return fingerprintOf(key);
  });
}
