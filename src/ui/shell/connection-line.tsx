import { useNow } from "../clock.ts";
import { retryNow, useConnection } from "../connection.ts";
import { utc } from "../format.ts";
import s from "./connection-line.module.css";

/** The dot in the sidebar: connected, or since when not, and a way not to wait. */
export function ConnectionLine() {
  const connection = useConnection();
  switch (connection.is) {
    case "connected":
      return (
        <span className={s.line} role="status">
          <span className={s.dot} data-tone="good" aria-hidden />
          connected
        </span>
      );
    case "connecting":
      return (
        <span className={s.line} role="status">
          <span className={s.dot} data-tone="quiet" aria-hidden />
          connecting…
        </span>
      );
    case "reconnecting":
      return (
        <button type="button" className={s.line} onClick={retryNow} title="Retry now">
          <span className={s.dot} data-tone="person" aria-hidden />
          <span role="status">reconnecting…</span>
        </button>
      );
  }
}

/** Over the page while the server is away: what is seen is how it was. */
export function StaleNote() {
  const connection = useConnection();
  const now = useNow(false);
  if (connection.is !== "reconnecting" || now === 0) return null;
  return (
    <div className={s.stale} data-tone="person">
      <span>
        Reconnecting… This is as of <b className="num">{utc(connection.since)}</b>; nothing that happened
        since is shown.
      </span>
      <button type="button" className={s.retry} onClick={retryNow}>
        Retry now
      </button>
    </div>
  );
}
