import { signerWith } from "../core/audit/signature.ts";
import type { Reader, Secret } from "./environment-reader.ts";

/** How the audit trail is vouched for. */
export type Audit = {
  /** An Ed25519 private key (PEM) that signs checkpoints; `null`: they are not signed. */
  readonly key: Secret | null;
  /** A file outside the database in which each checkpoint is noted. */
  readonly anchorFile: string | null;
  /** How long after a change a checkpoint is made. */
  readonly everySeconds: number;
};

const ALLOWED =
  "an Ed25519 private key in PEM: stn bundle keygen audit, or openssl genpkey -algorithm ed25519";

export function auditOf(read: Reader): Audit {
  const key = read.secret("STATION_AUDIT_KEY");
  if (key?.from === "text") {
    const signer = signerWith(pemIn(key.text));
    if ("problem" in signer) read.problem("STATION_AUDIT_KEY", signer.problem, ALLOWED);
  }
  return {
    key,
    anchorFile: read.text("STATION_AUDIT_ANCHOR_FILE"),
    everySeconds: read.number("STATION_AUDIT_SECONDS", 10, { from: 0.1, to: 600 }),
  };
}

/** A PEM text as variables hold it: some tools cannot set one with line ends. */
export function pemIn(text: string): string {
  return text.replaceAll("\\n", "\n");
}
