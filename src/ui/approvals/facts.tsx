import type { Approval } from "../../http/schemas/approvals.ts";
import { CopyButton } from "../kit/copy-button.tsx";
import { Time } from "../kit/time.tsx";
import { useMe } from "../system.ts";
import s from "./facts.module.css";

/** Who may decide, how far it is, what was said, and what a decision is bound to. */
export function Facts({ approval }: { readonly approval: Approval }) {
  const { data: me } = useMe();
  const { tally, mayDecide, you, decisions, delegations, escalations, digest, workflowVersion } = approval;
  return (
    <dl className={s.facts}>
      <Fact name="Quorum">{tally.text}</Fact>
      <Fact name="May decide">{mayDecide.text}</Fact>
      {mayDecide.veto.length > 0 && <Fact name="Veto">{mayDecide.veto.join(", ")}</Fact>}
      {mayDecide.excluded
        // The rule does not hold for the one user of a Station that asks nobody who they are.
        .filter(({ who }) => !(you.mayApprove && who === me?.id))
        .map(({ who, because }) => (
          <Fact key={who + because} name="May not">
            {who}, who {because}
          </Fact>
        ))}
      {delegations.map(({ from, to, at }) => (
        <Fact key={from + to + at} name="Handed over">
          {from} to {to} <Time at={at} />
        </Fact>
      ))}
      {escalations.map(({ level, at, to, hasHappened }) => (
        <Fact key={level} name={hasHappened ? "Escalated" : "Escalates"}>
          to {to.join(", ")} <Time at={at} />
        </Fact>
      ))}
      {decisions.map(({ decision, by, at, comment, channel, voided }) => (
        <Fact key={by + at} name={decision === "approve" ? "Approved" : "Rejected"}>
          <span data-voided={voided !== null || undefined}>
            by <b>{by}</b> <Time at={at} />· {channel}
            {comment && <q className={s.comment}>{comment}</q>}
            {voided !== null && ` – does not count: ${voided}`}
          </span>
        </Fact>
      ))}
      <Fact name="Bound to">
        <span className={s.digest}>
          <code title={digest}>{digest.slice(0, 12)}…</code> question, evidence, consequences and definition v
          {workflowVersion}
          <CopyButton text={digest} name="Copy digest" />
        </span>
      </Fact>
    </dl>
  );
}

function Fact({ name, children }: { readonly name: string; readonly children: React.ReactNode }) {
  return (
    <div className={s.fact}>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  );
}
