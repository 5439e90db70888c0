import { useSyncExternalStore } from "react";
import { hasKey } from "../session.ts";
import s from "./connection-line.module.css";

let isOut = false;
const listeners = new Set<() => void>();

/** Says that the server does not know any more, or knows again, who this is. */
export function setLoggedOut(value: boolean): void {
  if (value === isOut) return;
  isOut = value;
  for (const listener of listeners) listener();
}

/** Over what somebody was writing when their session ended: it stays, and how to go on with it. */
export function LoggedOutNote() {
  const isShown = useSyncExternalStore(
    (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    () => isOut,
  );
  if (!isShown) return null;
  return (
    <div className={s.stale} data-tone="person" role="alert">
      {hasKey() ? (
        <>
          <span>Your key does not count any more. Copy what you have written before you log in again.</span>
          <a className={s.retry} href="/login">
            Log in
          </a>
        </>
      ) : (
        <>
          <span>You are logged out. What you have written is still here: log in beside it, then go on.</span>
          <a className={s.retry} href="/login" target="_blank" rel="noreferrer">
            Log in in another tab
          </a>
        </>
      )}
    </div>
  );
}
