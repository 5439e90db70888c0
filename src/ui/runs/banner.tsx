import type { ReactNode } from "react";
import type { ShownStatus } from "../../core/view/status.ts";
import { StatusIcon } from "../kit/badge.tsx";
import { lookOf } from "../status.ts";
import s from "./banner.module.css";

/** A sentence across the page, in the colour of a status, with what can be done about it. It may tick: it is not live. */
export function Banner({
  status,
  icon = true,
  action,
  children,
}: {
  readonly status: ShownStatus;
  readonly icon?: boolean;
  readonly action?: ReactNode;
  readonly children: ReactNode;
}) {
  return (
    <div className={s.banner} data-tone={lookOf(status).tone}>
      {icon && <StatusIcon status={status} />}
      <p className={s.text}>{children}</p>
      {action && <div className={s.actions}>{action}</div>}
    </div>
  );
}
