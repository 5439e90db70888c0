import type { SyncReport } from "../../http/schemas/system.ts";
import { Note } from "../kit/badge.tsx";
import { PlainTable } from "./plain-table.tsx";
import s from "./settings.module.css";

type Row = SyncReport["rows"][number];

/** The rows in which a sync does something, or cannot. */
export function plannedOf(rows: readonly Row[]): readonly Row[] {
  return rows.filter(({ result }) => result !== "unchanged" && result !== "ok");
}

/** What a sync would do, file by file. */
export function SyncPlan({ rows }: { readonly rows: readonly Row[] }) {
  return (
    <PlainTable heads={["File", "A sync", "~Because"]} hasActions={false}>
      {rows.map(({ file, id, result, reason, diagnostics }) => (
        <tr key={file}>
          <td>
            <code>{file}</code> <span className={s.faint}>{id}</span>
          </td>
          <td>
            <Note tone={result === "invalid" ? "bad" : "quiet"}>{WILL[result]}</Note>
          </td>
          <td data-phone="hide">
            {reason ?? (diagnostics[0] && `line ${diagnostics[0].line}: ${diagnostics[0].message}`) ?? ""}
          </td>
        </tr>
      ))}
    </PlainTable>
  );
}

const WILL: Readonly<Record<Row["result"], string>> = {
  created: "creates it",
  updated: "updates it",
  enabled: "enables it",
  disabled: "disables it",
  invalid: "leaves it: invalid",
  unchanged: "changes nothing",
  ok: "changes nothing",
};
