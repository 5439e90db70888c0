import type { ReactNode } from "react";
import s from "./panel.module.css";

/** A part of a page under its own heading; `more` leads on, `padded` is for what has no rows of its own. */
export function Panel({
  title,
  count,
  more,
  padded,
  children,
}: {
  readonly title: string;
  readonly count?: number | undefined;
  readonly more?: ReactNode;
  readonly padded?: boolean;
  readonly children: ReactNode;
}) {
  return (
    <section className={s.panel} aria-label={title}>
      <header className={s.head}>
        <h2 className={s.title}>{title}</h2>
        {count !== undefined && count > 0 && <span className={s.count}>{count}</span>}
        {more && <span className={s.more}>{more}</span>}
      </header>
      {padded ? <div className={s.body}>{children}</div> : children}
    </section>
  );
}

/** One sentence where there is nothing to list. */
export function Quiet({ children }: { readonly children: ReactNode }) {
  return <p className={s.quiet}>{children}</p>;
}

/** Names with what is known of each. */
export function Facts({ children }: { readonly children: ReactNode }) {
  return <dl className={s.facts}>{children}</dl>;
}

export function Fact({ name, children }: { readonly name: ReactNode; readonly children: ReactNode }) {
  return (
    <div className={s.fact}>
      <dt>{name}</dt>
      <dd className="num">{children}</dd>
    </div>
  );
}

/** A page of panels: the wide ones left, the narrow ones right; on a phone one below the other. */
export function Columns({ wide, narrow }: { readonly wide: ReactNode; readonly narrow: ReactNode }) {
  return (
    <div className={s.columns}>
      <div className={s.column}>{wide}</div>
      <div className={s.column}>{narrow}</div>
    </div>
  );
}
