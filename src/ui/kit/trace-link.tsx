import type { ReactNode } from "react";
import { useSystem } from "../system.ts";
import s from "./states.module.css";

/** Leads to a trace where this Station has an address for traces; without one, what is said `otherwise`. */
export function TraceLink({
  traceId,
  children,
  otherwise = null,
}: {
  readonly traceId: string | undefined;
  readonly children: ReactNode;
  readonly otherwise?: ReactNode;
}) {
  const url = useSystem().data?.traceUrl ?? null;
  if (url === null || traceId === undefined) return otherwise;
  return (
    <a
      className={s.trace}
      href={url.replaceAll("{traceId}", encodeURIComponent(traceId))}
      target="_blank"
      rel="noreferrer"
      title={`Trace ${traceId}`}
    >
      {children}
    </a>
  );
}
