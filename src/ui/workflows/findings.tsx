import type { Validation } from "../../http/schemas/workflows.ts";
import { Note } from "../kit/badge.tsx";
import s from "./workflow-page.module.css";

/** What is wrong with a definition, or may be, line by line. */
export function Findings({
  findings,
  linkTo,
}: {
  readonly findings: readonly Validation["errors"][number][];
  /** The address of a line, where lines have one. */
  readonly linkTo?: (line: number) => string;
}) {
  return (
    <ul className={s.findings} aria-label="Findings">
      {findings.map((finding) => (
        <li key={`${finding.code}${finding.path}${finding.line}`}>
          <Note tone={finding.severity === "error" ? "bad" : "quiet"}>
            {finding.severity === "error" ? "Error" : "Warning"}
          </Note>{" "}
          {linkTo ? (
            <a href={linkTo(finding.line)} className={s.place}>
              line {finding.line}
            </a>
          ) : (
            <span className={s.faint}>line {finding.line}</span>
          )}{" "}
          {finding.message}
          {finding.hint && <span className={s.faint}> – {finding.hint}</span>}
        </li>
      ))}
    </ul>
  );
}
