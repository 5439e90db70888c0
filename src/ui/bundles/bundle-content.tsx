import type { ReactNode } from "react";
import type { Bundle } from "../../http/schemas/bundles.ts";
import { bytes, plural } from "../format.ts";
import { Note } from "../kit/badge.tsx";
import { Fact, Facts } from "../kit/panel.tsx";
import s from "./bundles.module.css";

/** What a bundle is: its words, whose key signed it, its checksum and files; `children` are what else is known of it. */
export function BundleContent({
  bundle: { description, digest, signedBy, files },
  children,
}: {
  readonly bundle: Pick<Bundle, "description" | "digest" | "signedBy" | "files">;
  readonly children?: ReactNode;
}) {
  return (
    <>
      {description !== null && <p className={s.about}>{description}</p>}
      <Facts>
        {children}
        <Fact name="Signature">
          {signedBy === null ? (
            <Note>not signed</Note>
          ) : (
            <>
              <Note tone="good">signed</Note> <code>{signedBy}</code>
            </>
          )}
        </Fact>
        <Fact name="SHA-256">
          <code>{digest}</code>
        </Fact>
      </Facts>
      <details className={s.files}>
        <summary>{plural(files.length, "file")}</summary>
        <ul>
          {files.map(({ path, size, sha256 }) => (
            <li key={path} className={s.file}>
              <code>{path}</code>
              <span className={s.size}>{bytes(size)}</span>
              <code className={s.sum}>{sha256}</code>
            </li>
          ))}
        </ul>
      </details>
    </>
  );
}
