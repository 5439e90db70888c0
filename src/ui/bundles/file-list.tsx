import type { Bundle } from "../../http/schemas/bundles.ts";
import { bytes, plural } from "../format.ts";
import s from "./bundles.module.css";

/** The files of a bundle with their checksums, shown when they are asked for. */
export function FileList({ files }: Pick<Bundle, "files">) {
  return (
    <details className={s.files}>
      <summary>{plural(files.length, "file")}</summary>
      <ul>
        {files.map(({ path, size, sha256 }) => (
          <li key={path} className={s.file}>
            <code>{path}</code>
            <span className={s.about}>{bytes(size)}</span>
            <code className={s.sum}>{sha256}</code>
          </li>
        ))}
      </ul>
    </details>
  );
}
