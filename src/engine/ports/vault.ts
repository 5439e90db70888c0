/** Keeps secrets that must be read again: encrypted, with keys that can be exchanged while older texts are still about. */
export type Vault = {
  /** A secret as it may be kept. `about` names what it belongs to: it opens for nothing else. */
  seal(secret: string, about: string): string;
  /** The secret; `null` when none of the keys sealed it, when it belongs to something else, or was changed. */
  open(sealed: string, about: string): string | null;
  /** True for a text that the newest key sealed, to go by its name. */
  isNewest(sealed: string): boolean;
};
