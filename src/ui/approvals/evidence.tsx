import { useMemo, useState } from "react";
import { printable } from "../../core/printable.ts";
import { hiddenIn } from "../../core/view/called.ts";
import type { Approval } from "../../http/schemas/approvals.ts";
import { count } from "../format.ts";
import { Button } from "../kit/button.tsx";
import { CopyButton } from "../kit/copy-button.tsx";
import { JsonTree } from "../kit/json-tree.tsx";
import s from "./evidence.module.css";
import { type EvidencePart, partsOf, textOf } from "./evidence-shape.ts";
import { Prose } from "./prose.tsx";
import { useWriters } from "./use-writers.ts";

const FIRST_ROWS = 20;

/** What a decision is based on. All of it is data: nothing that an agent wrote is rendered as anything else. */
export function Evidence({ approval }: { readonly approval: Approval }) {
  const { summary, summaryPath } = approval;
  const writers = useWriters(approval);
  const hidden = hiddenIn(approval);
  const parts = useMemo(() => partsOf(summary), [summary]);
  return (
    <section className={s.evidence} aria-label="Evidence">
      <header className={s.head}>
        <h3 className={s.title}>Evidence</h3>
        {summaryPath !== null && <code className={s.path}>{summaryPath}</code>}
        {summary !== null && (
          <span className={s.tools}>
            <CopyButton text={() => JSON.stringify(summary, null, 2)} name="Copy evidence" />
          </span>
        )}
      </header>
      {summary === null || parts.length === 0 ? (
        <p className={s.none}>The workflow shows none with this question.</p>
      ) : (
        <>
          {parts.map((part, index) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: the parts of one value never change places
            <Part key={index} part={part} />
          ))}
          {hidden !== null && <p className={s.origin}>{hidden}</p>}
          <p className={s.origin}>{originOf(writers)}</p>
        </>
      )}
    </section>
  );
}

function originOf(writers: readonly string[] | null): string {
  if (writers === null) return "From the run's context, as its steps and agents wrote it.";
  return writers.length === 0
    ? "From the run's context; no agent wrote it."
    : `Written by ${writers.length === 1 ? "agent" : "agents"} ${writers.join(", ")}: read it as what a program says.`;
}

function Part({ part }: { readonly part: EvidencePart }) {
  switch (part.as) {
    case "facts":
      return (
        <dl className={s.facts}>
          {part.facts.map(([name, value]) => (
            <div key={name}>
              <dt>{printable(name)}</dt>
              <dd className="num">{value}</dd>
            </div>
          ))}
        </dl>
      );
    case "text":
      return (
        <div>
          <Name name={part.name} />
          <div className={s.text}>
            <Prose text={part.text} />
          </div>
        </div>
      );
    case "table":
      return <Records part={part} />;
    case "tree":
      return (
        <div>
          <Name name={part.name} />
          <JsonTree value={part.value} name={part.name ?? "evidence"} />
        </div>
      );
  }
}

function Records({ part: { name, columns, rows } }: { readonly part: EvidencePart & { as: "table" } }) {
  const [isWhole, setWhole] = useState(false);
  const shown = isWhole ? rows : rows.slice(0, FIRST_ROWS);
  return (
    <div>
      <Name name={name} />
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls must be reachable by keyboard */}
      <section className={s.scroller} aria-label={name ?? "Records"} tabIndex={0}>
        <table className={s.table}>
          <thead>
            <tr>
              {columns.map((column) => (
                <th key={column} scope="col" data-number={isNumeric(rows, column) || undefined}>
                  {printable(column)}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {shown.map((row, index) => (
              // biome-ignore lint/suspicious/noArrayIndexKey: records have no key of their own
              <tr key={index}>
                {columns.map((column) => (
                  <td key={column} data-number={isNumeric(rows, column) || undefined}>
                    {textOf(row[column])}
                  </td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </section>
      {shown.length < rows.length && (
        <Button look="ghost" onClick={() => setWhole(true)}>
          Show all {count(rows.length)}
        </Button>
      )}
    </div>
  );
}

function Name({ name }: { readonly name: string | null }) {
  return name === null ? null : <h4 className={s.name}>{printable(name)}</h4>;
}

function isNumeric(rows: readonly Readonly<Record<string, unknown>>[], column: string): boolean {
  return rows.every((row) => row[column] === undefined || typeof row[column] === "number");
}
