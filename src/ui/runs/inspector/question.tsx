import { useState } from "react";
import type { Approval } from "../../../core/run/run.ts";
import { api, queryClient } from "../../api.ts";
import { duration } from "../../format.ts";
import { Button, ButtonRow } from "../../kit/button.tsx";
import { whyOf } from "../../kit/error-panel.tsx";
import { Field, TextArea } from "../../kit/field.tsx";
import { JsonTree } from "../../kit/json-tree.tsx";
import { Time } from "../../kit/time.tsx";
import { say } from "../../kit/toast.ts";
import type { RunView } from "../use-view.ts";
import s from "./inspector.module.css";

/** What people were asked, on what evidence, and what they said; while it is open, the place to decide. */
export function Question({ approval, view }: { readonly approval: Approval; readonly view: RunView }) {
  const { message, title, approvers, expiresAt, decisions, summary, status, digest } = approval;
  const isOpen = status === "PENDING";
  return (
    <div className={s.question}>
      {title && <p>{title}</p>}
      <h3>{message}</h3>
      <p>
        May decide: {approvers.length === 0 ? "anyone who may approve here" : approvers.join(", ")}
        {isOpen && expiresAt !== null && ` · ${duration(expiresAt - view.now)} left`} · bound to{" "}
        <code title={digest}>{digest.slice(0, 12)}…</code>
      </p>
      {summary !== null && <JsonTree value={summary} name="evidence" />}
      {decisions.map(({ decision, by, at, comment }) => (
        <p key={`${by}${at}`}>
          <b>
            {decision === "approve" ? "Approved" : "Rejected"} by {by}
          </b>{" "}
          <Time at={at} />
          {comment && ` – “${comment}”`}
        </p>
      ))}
      {status === "EXPIRED" && <p>Nobody decided in time.</p>}
      {isOpen && !view.isPast && <Decide approval={approval} runId={view.run.id} />}
    </div>
  );
}

function Decide({ approval, runId }: { readonly approval: Approval; readonly runId: string }) {
  const [choice, setChoice] = useState<"approve" | "reject" | null>(null);
  const [comment, setComment] = useState("");
  const [isBusy, setBusy] = useState(false);
  if (choice === null)
    return (
      <ButtonRow>
        <Button onClick={() => setChoice("reject")}>Reject…</Button>
        <Button look="primary" onClick={() => setChoice("approve")}>
          Approve…
        </Button>
      </ButtonRow>
    );
  const isMissing = choice === "reject" && comment.trim() === "";
  const decide = async () => {
    if (isMissing) return;
    setBusy(true);
    try {
      const asked = {
        params: { approvalId: approval.id },
        body: { digest: approval.digest, ...(comment.trim() !== "" && { comment: comment.trim() }) },
      };
      await (choice === "approve" ? api.approve(asked) : api.reject(asked));
      await queryClient.invalidateQueries({ queryKey: ["run", runId] });
    } catch (error) {
      say(`Not decided: ${whyOf(error)}`, "error");
    } finally {
      setBusy(false);
    }
  };
  return (
    <>
      <Field label={choice === "approve" ? "Comment (optional)" : "Why (required)"}>
        {(ids) => (
          <TextArea
            {...ids}
            rows={2}
            autoFocus
            value={comment}
            onChange={(event) => setComment(event.target.value)}
            onKeyDown={(event) => {
              if (event.key === "Enter" && (event.metaKey || event.ctrlKey)) void decide();
              if (event.key === "Escape") setChoice(null);
            }}
          />
        )}
      </Field>
      <ButtonRow>
        <Button onClick={() => setChoice(null)}>Back</Button>
        <Button
          look={choice === "approve" ? "primary" : "danger"}
          disabledBecause={isMissing ? "Say why: it is written to the audit trail" : null}
          onClick={() => void decide()}
        >
          {isBusy ? "Deciding…" : choice === "approve" ? "Approve" : "Reject"} <kbd>⌘⏎</kbd>
        </Button>
      </ButtonRow>
    </>
  );
}
