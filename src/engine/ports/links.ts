/** Signs what must come back unchanged, with keys that can be exchanged while older signatures are still about. */
export type Signer = {
  /** The payload with its signature: letters, digits, `-`, `_` and `.` only. */
  sign(payload: string): string;
  /** The payload of a token that one of the keys signed; `null` for any other. */
  verify(token: string): string | null;
};
