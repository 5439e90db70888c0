import { Link, useNavigate } from "@tanstack/react-router";
import { useRef, useState } from "react";
import type { Approval } from "../../http/schemas/approvals.ts";
import { useKeys } from "../keys.ts";
import { StatusBadge } from "../kit/badge.tsx";
import { Button } from "../kit/button.tsx";
import { CopyButton } from "../kit/copy-button.tsx";
import { JsonTree } from "../kit/json-tree.tsx";
import { Time } from "../kit/time.tsx";
import { useIsPhone } from "../kit/use-is-phone.ts";
import { shortId } from "../runs/short-id.ts";
import { APPROVAL_LOOK, headingOf } from "./approval-status.ts";
import s from "./card.module.css";
import { Consequences } from "./consequence.tsx";
import { Deadline } from "./deadline.tsx";
import { Decide } from "./decide.tsx";
import { Evidence } from "./evidence.tsx";
import { Facts } from "./facts.tsx";
import { NotYours, Outcome } from "./outcome.tsx";
import { WithLinks } from "./prose.tsx";
import { Refusal } from "./refusal.tsx";
import { useDecision } from "./use-decision.ts";

/**
 * A question to people with everything it takes to answer it. What was opened is what is decided: its digest goes with
 * the decision, and what changes meanwhile is shown first. Give it the approval's id as `key`.
 */
export function ApprovalCard({
  approval,
  link,
  onDecided,
  isFramed = false,
}: {
  readonly approval: Approval;
  readonly link?: string | undefined;
  /** It stands among other things, and what is said there is not said again. */
  readonly isFramed?: boolean;
  readonly onDecided?: (after: Approval) => void;
}) {
  const [opened, setOpened] = useState(approval);
  const commentRef = useRef<HTMLTextAreaElement>(null);
  const navigate = useNavigate();
  const { decide, isBusy, failure, forget } = useDecision(opened, link, onDecided);
  const { runId, workflowId, workflowVersion, status, you, title, message } = approval;
  const look = APPROVAL_LOOK[status];
  const isShort = useIsPhone() && !isFramed && status === "PENDING";
  const hasChanged = approval.digest !== opened.digest;
  useKeys({
    "approval.openRun": isFramed
      ? null
      : () => void navigate({ to: "/runs/$runId", params: { runId }, search: {} }),
  });
  return (
    <article className={s.card} data-framed={isFramed || undefined} aria-label={title ?? message}>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls must be reachable by keyboard */}
      <section className={s.scroller} aria-label="Question" tabIndex={0}>
        <header className={s.head}>
          <div className={s.badges}>
            <StatusBadge status={look.status} word={look.word} />
            {status === "PENDING" && <Deadline expiresAt={approval.expiresAt} />}
          </div>
          {title !== null && title !== message && <p className={s.eyebrow}>{headingOf(approval)}</p>}
          <h2 className={s.message}>
            <WithLinks text={message} />
          </h2>
          <p className={s.meta}>
            {!isFramed && (
              <>
                <span>
                  {workflowId} v{workflowVersion}
                </span>
                <Link to="/runs/$runId" params={{ runId }} search={{}} className={s.run} title={runId}>
                  {shortId(runId)}
                </Link>
              </>
            )}
            <span>
              asked <Time at={approval.requestedAt} />
            </span>
            <span>run started by {approval.startedBy}</span>
          </p>
        </header>
        {hasChanged && (
          <Changed
            before={opened}
            after={approval}
            onRead={() => {
              setOpened(approval);
              forget();
            }}
          />
        )}
        <div className={s.columns}>
          <Evidence approval={approval} />
          <Consequences approval={approval} />
        </div>
        {!isShort && <Facts approval={approval} />}
      </section>
      <footer className={s.foot}>
        {failure !== null && <Refusal error={failure} approval={approval} />}
        {status !== "PENDING" ? (
          <Outcome approval={approval} />
        ) : !you.mayApprove && !you.mayReject ? (
          <NotYours approval={approval} />
        ) : hasChanged ? (
          <div className={s.outcome}>
            <p>Read what changed before you decide.</p>
          </div>
        ) : (
          <Decide
            approval={approval}
            isBusy={isBusy}
            commentRef={commentRef}
            onDecide={(verb, comment, args) => void decide(verb, comment, args)}
          />
        )}
      </footer>
    </article>
  );
}

function Changed({
  before,
  after,
  onRead,
}: {
  readonly before: Approval;
  readonly after: Approval;
  readonly onRead: () => void;
}) {
  return (
    <section className={s.changed} data-tone="person" aria-label="What changed">
      <h3>This changed since you opened it</h3>
      {before.message !== after.message && (
        <p>
          <del>{before.message}</del> <ins>{after.message}</ins>
        </p>
      )}
      <JsonTree value={after.summary} before={before.summary} onlyChanges name="changes" />
      <div>
        <Button onClick={onRead}>I have read it</Button>{" "}
        <CopyButton text={after.digest} label="Copy digest" />
      </div>
    </section>
  );
}
