import { wholeValues } from "../../core/audit/pieces.ts";
import type { RunId } from "../../core/run/ids.ts";
import type { EvidenceSource } from "../../engine/ports/audit.ts";
import { upToSigned } from "./checkpoints.ts";
import type { Database } from "./database.ts";
import { Cursor } from "./read-rows.ts";
import { trail } from "./trail.ts";

const HEAD = `select checkpoint, seq, hash from audit_heads where run_id = ? order by checkpoint desc limit 1`;

const EVENTS = `select run_id, seq, type, at, actor, channel, data, spilled from workflow_run_events where run_id = ? order by seq`;

const PAYLOADS = "select hash, body from workflow_payloads where run_id = ? order by hash";

const DEFINITION = `select v.definition, v.source, v.source_format from workflow_runs r
join workflow_definition_versions v
  on v.environment = r.environment and v.id = r.workflow_id and v.version = r.workflow_version
where r.run_id = ?`;

/** What is kept of a run, word for word, with the checkpoint that vouches for it. */
export function runEvidence(db: Database): EvidenceSource {
  return {
    async of(runId: RunId) {
      const [heads = [], events = [], payloads = [], definitions = []] = await db.read(
        [HEAD, EVENTS, PAYLOADS, DEFINITION].map((sql) => ({ sql, args: [runId] })),
      );
      const [head] = heads;
      const [definition] = definitions;
      if (!definition) return null;
      if (!head) return { status: "unproved" };
      const [checkpoint, seq, hash] = head;
      const number = Number(checkpoint);
      const cursor = new Cursor(definition);
      return {
        status: "proved",
        head: { runId, seq: Number(seq), hash: String(hash) },
        heads: await trail(db).headsOf(number),
        checkpoints: await upToSigned(db, number),
        events: events.map((row) => {
          const cells = new Cursor(row);
          return {
            runId: cells.text(),
            seq: cells.number(),
            type: cells.text(),
            at: cells.number(),
            actor: cells.text(),
            channel: cells.text(),
            data: cells.text(),
            spilled: cells.optionalText(),
          };
        }),
        payloads: [...wholeValues(new Map(payloads.map(([name, body]) => [String(name), String(body)])))].map(
          ([hash, body]) => ({ hash, body }),
        ),
        definition: cursor.text(),
        source: cursor.text(),
        sourceFormat: cursor.text() as "yaml" | "json",
      };
    },
  };
}
