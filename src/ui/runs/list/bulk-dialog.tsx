import { useState } from "react";
import type { BulkAction } from "../../../core/run/bulk.ts";
import { plural } from "../../format.ts";
import { StatusIcon } from "../../kit/badge.tsx";
import { Button } from "../../kit/button.tsx";
import { Dialog } from "../../kit/dialog.tsx";
import { ErrorPanel, whyOf } from "../../kit/error-panel.tsx";
import { Field, onEnter, TextInput } from "../../kit/field.tsx";
import { say } from "../../kit/toast.ts";
import { shortId } from "../short-id.ts";
import { headOf, leftBy, WORDS } from "./bulk-words.ts";
import s from "./list.module.css";
import { type BulkOutcome, type BulkTarget, useBulk } from "./use-bulk.ts";

/** Says which runs it is about and what becomes of them, does it, and says which refused. */
export function BulkDialog({
  action,
  target,
  onClose,
}: {
  readonly action: BulkAction;
  readonly target: BulkTarget;
  /** `isDone`: nothing is left to do. */
  readonly onClose: (isDone: boolean) => void;
}) {
  const { matching, shown, error, act } = useBulk(action, target);
  const [reason, setReason] = useState("");
  const [outcome, setOutcome] = useState<BulkOutcome | null>(null);
  const [failure, setFailure] = useState<string | null>(null);
  const [isBusy, setBusy] = useState(false);
  const { effect, done } = WORDS[action];
  const start = async () => {
    if (isBusy || matching === null || matching === 0) return;
    setBusy(true);
    setFailure(null);
    try {
      const came = await act(reason.trim());
      if (came.refused.length > 0 || came.remaining > 0) return setOutcome(came);
      say(`${plural(came.done, "run")} ${done}`, "success");
      onClose(true);
    } catch (problem) {
      setFailure(whyOf(problem));
    } finally {
      setBusy(false);
    }
  };
  const spared = target.kind === "marked" ? target.runs.length - shown.length : 0;
  const where = target.kind === "all" ? ` All of them fit the filter, in ${target.environment}.` : "";
  if (outcome)
    return (
      <Outcome
        outcome={outcome}
        action={action}
        onClose={() => onClose(outcome.remaining === 0)}
        onMore={() => setOutcome(null)}
      />
    );
  return (
    <Dialog
      open
      onClose={() => onClose(false)}
      title={matching === null ? `${WORDS[action].verb}…` : `${headOf(action, matching)}?`}
      description={`${effect}${where}${spared > 0 ? ` ${plural(spared, "marked run stays as it is", "marked runs stay as they are")}: you can do nothing to ${spared === 1 ? "it" : "them"}.` : ""}`}
      footer={
        <>
          <Button onClick={() => onClose(false)}>Close</Button>
          <Button
            look={action === "cancel" ? "danger" : "primary"}
            disabledBecause={matching === 0 ? "There is no such run" : null}
            onClick={() => void start()}
          >
            {isBusy ? "Working…" : headOf(action, matching ?? 0)}
          </Button>
        </>
      }
    >
      {error && <ErrorPanel what="The runs could not be counted" error={error} />}
      {shown.length > 0 && (
        // biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls must be reachable by keyboard
        <ol className={s.runs} tabIndex={0} aria-label="Runs it is about">
          {shown.map(({ runId, status, workflowId }) => (
            <li key={runId} className={s.run}>
              <StatusIcon status={status} />
              <span className={s.name}>{workflowId}</span>
              <code title={runId}>{shortId(runId)}</code>
            </li>
          ))}
          {matching !== null && matching > shown.length && (
            <li className={s.faint}>and {matching - shown.length} more</li>
          )}
        </ol>
      )}
      {(action === "cancel" || action === "pause") && (
        <Field label="Reason" hint="Written to the audit trail of each">
          {(ids) => (
            <TextInput
              {...ids}
              value={reason}
              onChange={(event) => setReason(event.target.value)}
              onKeyDown={onEnter(() => void start())}
            />
          )}
        </Field>
      )}
      {failure !== null && (
        <p className={s.wrong} role="alert">
          {failure}
        </p>
      )}
    </Dialog>
  );
}

function Outcome({
  outcome: { done, refused, remaining },
  action,
  onClose,
  onMore,
}: {
  readonly outcome: BulkOutcome;
  readonly action: BulkAction;
  readonly onClose: () => void;
  readonly onMore: () => void;
}) {
  const { says, goesOn } = leftBy(action, remaining);
  return (
    <Dialog
      open
      onClose={onClose}
      title={`${plural(done, "run")} ${WORDS[action].done}`}
      description={says}
      footer={
        <>
          <Button onClick={onClose}>Close</Button>
          {goesOn && (
            <Button look="primary" onClick={onMore}>
              Go on with the rest
            </Button>
          )}
        </>
      }
    >
      {refused.length > 0 && (
        <section className={s.refused} aria-label="Refused">
          <p>{plural(refused.length, "run was", "runs were")} left as they are:</p>
          {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls must be reachable by keyboard */}
          <ol className={s.runs} tabIndex={0}>
            {refused.map(({ run, why }) => (
              <li key={run.runId} className={s.run}>
                <code title={run.runId}>{shortId(run.runId)}</code>
                <span className={s.wrong}>{why}</span>
              </li>
            ))}
          </ol>
        </section>
      )}
    </Dialog>
  );
}
