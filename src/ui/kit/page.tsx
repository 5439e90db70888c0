import { Link, type LinkProps } from "@tanstack/react-router";
import { Fragment, type ReactNode } from "react";
import s from "./page.module.css";

/** The head of a page: where it is, what it is called, its status and what can be done. */
export function PageHeader({
  crumbs = [],
  title,
  mono,
  status,
  actions,
}: {
  readonly crumbs?: readonly { readonly label: string; readonly link: LinkProps }[];
  readonly title: ReactNode;
  readonly mono?: boolean;
  readonly status?: ReactNode;
  readonly actions?: ReactNode;
}) {
  return (
    <header className={s.header}>
      <div className={s.place}>
        {crumbs.length > 0 && (
          <nav className={s.crumbs} aria-label="Breadcrumb">
            {crumbs.map(({ label, link }) => (
              <Fragment key={label}>
                <Link {...link} className={s.crumb}>
                  {label}
                </Link>
                <span className={s.slash} aria-hidden>
                  /
                </span>
              </Fragment>
            ))}
          </nav>
        )}
        <h1 className={s.title} data-mono={mono || undefined}>
          {title}
        </h1>
        {status}
      </div>
      {actions && <div className={s.actions}>{actions}</div>}
    </header>
  );
}

/** A line of filters or facts under the header. */
export function PageBar({ children }: { readonly children: ReactNode }) {
  return <div className={s.bar}>{children}</div>;
}

/** The part of a page that scrolls. */
export function PageBody({ label, children }: { readonly label: string; readonly children: ReactNode }) {
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls must be reachable by keyboard
    <section className={s.body} aria-label={label} tabIndex={0}>
      {children}
    </section>
  );
}
