import { Note } from "../kit/badge.tsx";

/** Whose key signed a bundle, if one did. */
export function Signature({ signedBy }: { readonly signedBy: string | null }) {
  return signedBy === null ? (
    <Note>not signed</Note>
  ) : (
    <>
      <Note tone="good">signed</Note> <code>{signedBy}</code>
    </>
  );
}
