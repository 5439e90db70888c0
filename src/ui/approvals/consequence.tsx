import { printable } from "../../core/printable.ts";
import type { Approval } from "../../http/schemas/approvals.ts";
import { Time } from "../kit/time.tsx";
import s from "./consequence.module.css";

type Following = NonNullable<Approval["consequence"]>["approved"];

/** What comes of it: approved, rejected, and when nobody acts. */
export function Consequences({ approval }: { readonly approval: Approval }) {
  const { consequence, expiresAt, status } = approval;
  if (consequence === null) return null;
  const isOpen = status === "PENDING";
  return (
    <section className={s.consequence} aria-label="What follows">
      <h3 className="sr">What follows</h3>
      <Way title={isOpen ? "If you approve" : "If approved"} tone="good" following={consequence.approved} />
      <Way title={isOpen ? "If you reject" : "If rejected"} tone="bad" following={consequence.rejected} />
      {expiresAt !== null && (
        <Way
          title={
            isOpen ? (
              <>
                If nobody acts <Time at={expiresAt} />
              </>
            ) : (
              "If nobody had acted"
            )
          }
          tone="quiet"
          following={consequence.expired}
        />
      )}
    </section>
  );
}

function Way({
  title,
  tone,
  following: { text, actions },
}: {
  readonly title: React.ReactNode;
  readonly tone: "good" | "bad" | "quiet";
  readonly following: Following;
}) {
  return (
    <div className={s.way} data-tone={tone}>
      <h4 className={s.title}>{title}</h4>
      <p>{text}</p>
      {actions.map(({ state, agents, task }) => (
        <p key={state} className={s.action}>
          <b>{state}</b>
          {agents.length > 0 && <> by {agents.join(", ")}</>}
          {task !== null && <q className={s.task}>{printable(task)}</q>}
        </p>
      ))}
    </div>
  );
}
