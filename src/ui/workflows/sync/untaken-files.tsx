import { Link } from "@tanstack/react-router";
import { FileWarning } from "lucide-react";
import { plural } from "../../format.ts";
import s from "./sync.module.css";
import { untakenWorkflows, whyUntaken } from "./untaken.ts";
import { useSyncPreview } from "./use-sync-preview.ts";

/** So many are named; the settings list them all. */
const MOST = 3;

/** The workflow files of an environment that a sync does not take, each with its place and reason; nothing without any. */
export function UntakenFiles({ environment }: { readonly environment: string }) {
  const { data } = useSyncPreview(environment);
  const rows = untakenWorkflows(data?.rows ?? []);
  if (rows.length === 0) return null;
  return (
    <section className={s.untaken} data-tone="bad" aria-label="Files that are not taken">
      <FileWarning size={15} className={s.sign} aria-hidden />
      <div>
        <h2 className={s.title}>
          {rows.length === 1 ? "1 file is not taken" : `${rows.length} files are not taken`}
        </h2>
        <ul className={s.files}>
          {rows.slice(0, MOST).map((row) => (
            <li key={row.file}>
              <code>{row.file}</code> {whyUntaken(row)}
            </li>
          ))}
        </ul>
        {rows.length > MOST && (
          <p>
            <Link to="/settings/$section" params={{ section: "environments" }} className={s.link}>
              {plural(rows.length - MOST, "other")}
            </Link>
          </p>
        )}
      </div>
    </section>
  );
}
