import { type ReactNode, useState } from "react";
import type { ShownStatus, Tone } from "../../core/view/status.ts";
import { lookOf } from "../status.ts";
import s from "./badge.module.css";
import { cx } from "./class-names.ts";

/** A status as colour, icon and word. `word` says more than the status does: `Retry 2 of 5 in 12 s`. */
export function StatusBadge({ status, word }: { readonly status: ShownStatus; readonly word?: string }) {
  const look = lookOf(status);
  const [first] = useState(status);
  const [hasChanged, setChanged] = useState(false);
  if (status !== first && !hasChanged) setChanged(true);
  return (
    // Another element for another status: the flash begins anew.
    <span
      key={status}
      className={cx(s.badge, hasChanged && s.flash)}
      data-tone={look.tone}
      data-status={status}
    >
      <look.icon size={13} strokeWidth={2.25} className={cx(look.spins && s.spins)} aria-hidden />
      {word ?? look.word}
    </span>
  );
}

/** A status where there is only room for its icon; the word is there for screen readers and on hover. */
export function StatusIcon({ status, size = 15 }: { readonly status: ShownStatus; readonly size?: number }) {
  const look = lookOf(status);
  return (
    <span className={s.icon} data-tone={look.tone} data-status={status} title={look.word}>
      <look.icon size={size} strokeWidth={2.25} className={cx(look.spins && s.spins)} aria-hidden />
      <span className="sr">{look.word}</span>
    </span>
  );
}

/** A short note in a tone, where it is not a status: `×2`, `simulated`, `v4`. */
export function Note({ tone = "quiet", children }: { readonly tone?: Tone; readonly children: ReactNode }) {
  return (
    <span className={cx(s.badge, s.note)} data-tone={tone}>
      {children}
    </span>
  );
}
