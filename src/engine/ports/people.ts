import type { Principal } from "../../core/identity/principal.ts";

/** Knows who somebody is by now, without their credentials at hand. */
export type People = {
  /** `null` for a name that is nobody's any more; names it knows nothing of are left out. */
  lookUp(names: readonly string[]): Promise<ReadonlyMap<string, Principal | null>>;
};
