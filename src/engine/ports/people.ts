import type { Identity } from "../../core/identity/claims.ts";
import type { Standing } from "../../core/identity/standing.ts";

/** Knows who somebody is by now, without their credentials at hand. */
export type People = {
  /** Every name that is asked for has an answer. */
  lookUp(names: readonly string[]): Promise<ReadonlyMap<string, Standing>>;
};

/** What the identity provider has said of somebody, and when (milliseconds). */
export type Vouched = {
  readonly identity: Identity;
  readonly at: number;
  /** With it the provider can be asked again, until then. Sealed by the vault. */
  readonly access: { readonly sealed: string; readonly until: number } | null;
};

/** The last word of the identity provider on everybody who has come in; letter case of users counts for nothing. */
export type VouchedIdentities = {
  /** An older word never replaces a newer one. */
  keep(vouched: Vouched): Promise<void>;
  find(users: readonly string[]): Promise<readonly Vouched[]>;
};
