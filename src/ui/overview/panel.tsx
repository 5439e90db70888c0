import type { ReactNode } from "react";
import s from "./overview.module.css";

/** A part of the overview under its question; `more` leads to all of it. */
export function Panel({
  title,
  count,
  more,
  children,
}: {
  readonly title: string;
  readonly count?: number | undefined;
  readonly more?: ReactNode;
  readonly children: ReactNode;
}) {
  return (
    <section className={s.panel} aria-label={title}>
      <header className={s.panelHead}>
        <h2 className={s.panelTitle}>{title}</h2>
        {count !== undefined && count > 0 && <span className={s.panelCount}>{count}</span>}
        {more && <span className={s.panelMore}>{more}</span>}
      </header>
      {children}
    </section>
  );
}

/** One sentence where there is nothing to list. */
export function Quiet({ children }: { readonly children: ReactNode }) {
  return <p className={s.quiet}>{children}</p>;
}
