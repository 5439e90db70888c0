import { sideBySide } from "./side-by-side.ts";
import s from "./versions.module.css";

/** Two versions of a text beside each other, without what is equal far around. */
export function TextDiff({
  text,
  from,
  to,
}: {
  readonly text: string;
  readonly from: number;
  readonly to: number;
}) {
  const rows = sideBySide(text);
  if (rows.length === 0) return <p className={s.faint}>The texts are the same.</p>;
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls must be reachable by keyboard
    <section className={s.diff} aria-label={`Text of v${from} beside v${to}`} tabIndex={0}>
      <table className={s.table}>
        <thead className="sr">
          <tr>
            <th scope="col" colSpan={2}>
              v{from}
            </th>
            <th scope="col" colSpan={2}>
              v{to}
            </th>
          </tr>
        </thead>
        <tbody>
          {rows.map((row) =>
            row.kind === "gap" ? (
              <tr key={row.key} className={s.gap}>
                <td colSpan={4}>⋯</td>
              </tr>
            ) : (
              <tr key={row.key}>
                <Cells side={row.before} change="removed" />
                <Cells side={row.after} change="added" />
              </tr>
            ),
          )}
        </tbody>
      </table>
    </section>
  );
}

type SideOfRow = Extract<ReturnType<typeof sideBySide>[number], { kind: "line" }>["before"];

function Cells({ side, change }: { readonly side: SideOfRow; readonly change: "added" | "removed" }) {
  const mark = side?.isChanged ? change : undefined;
  return (
    <>
      <td className={s.number}>{side?.number}</td>
      <td className={s.text} data-change={side ? mark : "none"}>
        {mark && <span className={s.sign}>{mark === "added" ? "+" : "−"}</span>}
        {side?.text}
      </td>
    </>
  );
}
