import s from "./inspector.module.css";
import type { Inspected } from "./inspector.tsx";

/** What is known of the agent's work while it runs: which worker has it, and every attempt's beginning and end. */
export function LogsTab({ view, trail }: Inspected) {
  const lines = trail.seqs
    .filter((seq) => seq <= view.n)
    .flatMap((seq) => {
      const item = view.history.events[seq - 1];
      return item ? [{ seq, at: item.at, text: lineOf(item.type, item.data, item.actor) }] : [];
    });
  return (
    <div className={s.body}>
      <ol className={s.events}>
        {lines.map(({ seq, at, text }) => (
          <li key={seq}>
            <span className="num">{at.slice(11, 23)}</span> {text}
          </li>
        ))}
      </ol>
    </div>
  );
}

function lineOf(type: string, data: Readonly<Record<string, unknown>>, actor: string): string {
  const lease = data["lease"] as { readonly worker?: string } | undefined;
  const error = data["error"] as { readonly code?: string; readonly message?: string } | undefined;
  const attempt = data["attempt"] ? ` attempt ${data["attempt"]}` : "";
  const rest = error
    ? `: ${error.code}: ${error.message}`
    : lease?.worker
      ? ` on ${lease.worker}`
      : ` by ${actor}`;
  return `${type}${attempt}${rest}`;
}
