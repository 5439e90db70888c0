import type { HttpPorts } from "../ports.ts";
import { HttpProblem } from "../problems.ts";

/** A provider's token is good until it ends, and nobody takes it back before; a key may be revoked. */
const KEY = /^Bearer +stn_/i;

/** Whether whoever reads a stream may still do so: their login goes on, their key was not revoked. */
export function stillIn(
  { authenticate, sessions }: Pick<HttpPorts, "authenticate" | "sessions">,
  request: Request,
): () => Promise<boolean> {
  return async () => {
    const shown = request.headers.get("authorization");
    if (shown === null) return (await sessions?.goesOn(request)) ?? true;
    if (!KEY.test(shown)) return true;
    try {
      return (await authenticate(request)) !== null;
    } catch (error) {
      if (error instanceof HttpProblem && error.kind === "unauthenticated") return false;
      throw error;
    }
  };
}
