import { isObject } from "../core/json.ts";
import type { ApprovalId } from "../core/run/ids.ts";
import { newId } from "./ids.ts";
import type { Signer } from "./ports/links.ts";
import type { ApprovalView } from "./ports/queries.ts";
import type { Clock } from "./ports.ts";

/** What a link to an approval says. It is no credential: whoever opens it must still be somebody. */
export type ApprovalLink = {
  readonly approvalId: ApprovalId;
  /** Of what was asked when the link was made: it cannot decide anything else. */
  readonly digest: string;
  readonly expiresAt: number;
  /** Makes it count once. */
  readonly nonce: string;
  /** Whom it was sent to; `null` for whoever may decide. */
  readonly to: string | null;
};

/** A token for the address of an approval's page. */
export function linkTo(
  { signer, clock }: { readonly signer: Signer; readonly clock: Clock },
  { id, digest, expiresAt: end }: Pick<ApprovalView, "id" | "digest" | "expiresAt">,
  { seconds, to }: { readonly seconds: number; readonly to: string | null },
): { readonly token: string; readonly link: ApprovalLink } {
  const until = clock.now() + seconds * 1000;
  const expiresAt = end === null ? until : Math.min(until, end);
  const link = { approvalId: id, digest, expiresAt, nonce: newId("lnk", clock), to };
  return { token: signer.sign(JSON.stringify(link)), link };
}

/** What a token says; `null` when Station did not sign it. */
export function linkOf(signer: Signer, token: string): ApprovalLink | null {
  const text = signer.verify(token);
  if (text === null) return null;
  const value: unknown = JSON.parse(text);
  return isObject(value) && typeof value["nonce"] === "string" ? (value as unknown as ApprovalLink) : null;
}
