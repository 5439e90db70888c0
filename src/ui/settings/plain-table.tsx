import type { ReactNode } from "react";
import s from "./settings.module.css";

/**
 * A short list with its heads, and a last column of what can be done with a row. A head that begins with `~` is left
 * out on a phone, as are its cells (`data-phone="hide"`).
 */
export function PlainTable({
  heads,
  hasActions = true,
  children,
}: {
  readonly heads: readonly string[];
  readonly hasActions?: boolean;
  readonly children: ReactNode;
}) {
  return (
    <table className={s.table}>
      <thead>
        <tr>
          {heads.map((head) =>
            head.startsWith("~") ? (
              <th key={head} data-phone="hide">
                {head.slice(1)}
              </th>
            ) : (
              <th key={head}>{head}</th>
            ),
          )}
          {hasActions && (
            <th>
              <span className="sr">Actions</span>
            </th>
          )}
        </tr>
      </thead>
      <tbody>{children}</tbody>
    </table>
  );
}
