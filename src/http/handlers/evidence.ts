import type { RunId } from "../../core/run/ids.ts";
import { evidenceOf } from "../../engine/evidence.ts";
import type { Handlers } from "../handler.ts";
import { agentRunJson } from "../json/agent-runs.ts";
import type { HttpPorts } from "../ports.ts";
import { HttpProblem, notFound } from "../problems.ts";

/** What proves a run, to be taken elsewhere. */
export function evidenceHandlers(ports: HttpPorts): Handlers<"exportEvidence"> {
  const { store, archive, redact, auditSigner: signer } = ports;
  return {
    async exportEvidence({ params }) {
      const runId = params.runId as RunId;
      const transcript = (run: Parameters<typeof agentRunJson>[0]) => agentRunJson(run, redact);
      const evidence = await evidenceOf({ store, archive, transcript, signer }, runId);
      switch (evidence.status) {
        case "unknown":
          throw notFound(`run ${runId}`);
        case "unproved":
          throw new HttpProblem(
            "unproved",
            `no checkpoint vouches for run ${runId} yet: one is made within seconds, try again then`,
          );
        case "packed": {
          const headers = {
            "content-type": "application/zip",
            "content-length": String(evidence.bytes.length),
            "content-disposition": `attachment; filename="${runId}.zip"`,
            "cache-control": "no-store",
          };
          return new Response(Buffer.from(evidence.bytes), { headers });
        }
      }
    },
  };
}
