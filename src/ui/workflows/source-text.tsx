import { useLocation } from "@tanstack/react-router";
import { CircleX, TriangleAlert } from "lucide-react";
import { useEffect, useRef } from "react";
import { Tip } from "../kit/tooltip.tsx";
import s from "./workflow-page.module.css";

/** A text with line numbers; lines with findings are marked, and the line of the address (`#L12`) is shown. */
export function SourceText({
  label,
  text,
  findings,
}: {
  readonly label: string;
  readonly text: string;
  readonly findings: readonly {
    readonly line: number;
    readonly severity: string;
    readonly message: string;
    readonly hint?: string | undefined;
  }[];
}) {
  const marks = Map.groupBy(findings, ({ line }) => line);
  const here = useLocation({ select: ({ hash }) => hash });
  const lines = useRef<HTMLOListElement>(null);
  useEffect(() => {
    if (here !== "") lines.current?.querySelector(`[id="${here}"]`)?.scrollIntoView({ block: "center" });
  }, [here]);
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls must be reachable by keyboard
    <section className={s.source} aria-label={label} tabIndex={0}>
      <ol className={s.lines} ref={lines}>
        {text
          .replace(/\r?\n$/, "")
          .split("\n")
          .map((line, index) => {
            const of = marks.get(index + 1) ?? [];
            const worst = of.find(({ severity }) => severity === "error") ?? of[0];
            return (
              <li
                // biome-ignore lint/suspicious/noArrayIndexKey: a line is its number
                key={index}
                id={`L${index + 1}`}
                className={s.lineOf}
                data-here={here === `L${index + 1}` || undefined}
                data-mark={worst?.severity}
              >
                <span className={s.gutter}>
                  {worst && <Mark line={index + 1} severity={worst.severity} findings={of} />}
                </span>
                <span className={s.number} aria-hidden>
                  {index + 1}
                </span>
                <code className={s.code}>{coloured(line)}</code>
              </li>
            );
          })}
      </ol>
    </section>
  );
}

/** A sign beside a line that something is the matter with; it says what, and what to do. */
function Mark({
  line,
  severity,
  findings,
}: {
  readonly line: number;
  readonly severity: string;
  readonly findings: readonly { readonly message: string; readonly hint?: string | undefined }[];
}) {
  const said = findings.map(({ message, hint }) => (hint ? `${message} – ${hint}` : message)).join("; ");
  const Icon = severity === "error" ? CircleX : TriangleAlert;
  return (
    <Tip text={said}>
      <a href={`#L${line}`} className={s.mark} aria-label={`Line ${line}, ${severity}: ${said}`}>
        <Icon size={13} aria-hidden />
      </a>
    </Tip>
  );
}

/** Enough colour to read YAML and JSON by: comments, and the key a line begins with. */
function coloured(line: string) {
  if (/^\s*#/.test(line)) return <span className={s.comment}>{line}</span>;
  const key = /^(\s*(?:- )*)("?[\w$.-]+"?)(:(?:\s|$))(.*)$/.exec(line);
  if (!key) return line === "" ? " " : line;
  return (
    <>
      {key[1]}
      <span className={s.word}>{key[2]}</span>
      {key[3]}
      {key[4]}
    </>
  );
}
