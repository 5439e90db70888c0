import type { ReactNode } from "react";
import s from "./states.module.css";

/** Where there is nothing yet: says why, and what to do next. */
export function EmptyState({
  title,
  children,
  action,
}: {
  readonly title: string;
  readonly children?: ReactNode;
  readonly action?: ReactNode;
}) {
  return (
    <div className={s.state}>
      <h2 className={s.title}>{title}</h2>
      {children && <div className={s.text}>{children}</div>}
      {action}
    </div>
  );
}
