import { anchorFile } from "../adapters/files/anchor.ts";
import { signerWith } from "../core/audit/signature.ts";
import type { Notary } from "../engine/checkpoint.ts";
import type { Config } from "./config.ts";
import { pemIn } from "./config-audit.ts";
import { textOf } from "./secret.ts";

/** What checkpoints are made with, as configured; throws when the file of the key holds none. */
export async function notaryOf({ audit }: Pick<Config, "audit">): Promise<Notary> {
  const anchor = audit.anchorFile === null ? null : anchorFile(audit.anchorFile);
  const pem = await textOf("STATION_AUDIT_KEY_FILE", audit.key);
  if (pem === null) return { signer: null, anchor };
  const signer = signerWith(pemIn(pem));
  if ("problem" in signer)
    throw new Error(`STATION_AUDIT_KEY_FILE ${signer.problem}`, { cause: signer.cause });
  return { signer, anchor };
}
