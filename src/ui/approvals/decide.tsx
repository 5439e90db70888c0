import { Check, Pencil, X } from "lucide-react";
import { type RefObject, useState } from "react";
import { isObject, type JsonObject } from "../../core/json.ts";
import { printable } from "../../core/printable.ts";
import { callIn } from "../../core/run/approvals/tool-call.ts";
import type { Approval } from "../../http/schemas/approvals.ts";
import { keyOf, shownKey, useKeys } from "../keys.ts";
import { Button } from "../kit/button.tsx";
import { Dialog } from "../kit/dialog.tsx";
import { Field, TextArea } from "../kit/field.tsx";
import { parseJson } from "../kit/parse-json.ts";
import { useIsPhone } from "../kit/use-is-phone.ts";
import { headingOf } from "./approval-status.ts";
import s from "./decide.module.css";
import type { Verb } from "./use-decision.ts";

const WORDS = {
  approve: { does: "Approve", icon: Check, look: "primary", comment: "Comment (optional)" },
  reject: {
    does: "Reject",
    icon: X,
    look: "danger",
    comment: "Why (required: it is written to the audit trail)",
  },
} as const;

/**
 * Two steps, never one: a button (or A, R) says what one is about to do and goes to the comment, the second confirms.
 * On a phone the second is a sheet.
 */
export function Decide({
  approval,
  isBusy,
  commentRef,
  onDecide,
}: {
  readonly approval: Approval;
  readonly isBusy: boolean;
  readonly commentRef: RefObject<HTMLTextAreaElement | null>;
  /** `args`: what a tool is called with instead. */
  readonly onDecide: (verb: Verb, comment: string, args: JsonObject | null) => void;
}) {
  const [verb, setVerb] = useState<Verb | null>(null);
  const [comment, setComment] = useState("");
  const isPhone = useIsPhone();
  const { mayApprove, mayReject, because } = approval.you;
  const choose = (chosen: Verb) => {
    setVerb(chosen);
    commentRef.current?.focus();
  };
  useKeys({
    "approval.approve": mayApprove ? () => choose("approve") : null,
    "approval.reject": mayReject ? () => choose("reject") : null,
  });
  const called = callIn(approval);
  const [edited, setEdited] = useState<string | null>(null);
  const args = edited === null ? null : parseJson(edited);
  const wrongArgs =
    args === null || (args.ok && isObject(args.value))
      ? null
      : args.ok
        ? "Arguments are an object: { … }"
        : args.message;
  const isMissing = verb === "reject" && comment.trim() === "";
  const confirm = () => {
    if (verb === null || isMissing || isBusy) return;
    if (verb === "reject" || args === null) onDecide(verb, comment.trim(), null);
    else if (args.ok && isObject(args.value)) onDecide(verb, comment.trim(), args.value);
  };
  const first = (["reject", "approve"] as const).map((each) => (
    <Button
      key={each}
      look={WORDS[each].look}
      icon={WORDS[each].icon}
      shortcut={isPhone ? undefined : keyOf(`approval.${each}`)}
      disabledBecause={(each === "approve" ? mayApprove : mayReject) ? null : (because ?? "You may not")}
      onClick={() => choose(each)}
    >
      {WORDS[each].does}
    </Button>
  ));
  const second = verb !== null && (
    <>
      <Button onClick={() => setVerb(null)}>Back</Button>
      <Button
        look={WORDS[verb].look}
        icon={WORDS[verb].icon}
        autoFocus={isPhone && verb === "approve"}
        disabledBecause={isMissing ? "Say why first" : verb === "approve" ? wrongArgs : null}
        onClick={confirm}
      >
        {isBusy ? "Deciding…" : `Confirm: ${WORDS[verb].does.toLowerCase()}`}
        {!isPhone && <kbd>{shownKey("Mod+Enter").replace("ENTER", "⏎")}</kbd>}
      </Button>
    </>
  );
  const field = (
    <Field label={verb === null ? "Comment" : WORDS[verb].comment}>
      {(ids) => (
        <TextArea
          {...ids}
          ref={commentRef}
          rows={2}
          className={s.comment}
          value={comment}
          autoFocus={isPhone && verb === "reject"}
          placeholder={verb === "reject" ? "What has to change before this can be approved?" : ""}
          onChange={(event) => setComment(event.target.value)}
          onKeyDown={(event) => {
            if (event.key === "Enter" && (event.metaKey || event.ctrlKey)) confirm();
            if (event.key !== "Escape") return;
            setVerb(null);
            event.currentTarget.blur();
          }}
        />
      )}
    </Field>
  );
  const argsField =
    verb !== "approve" || called === null ? null : edited === null ? (
      <Button icon={Pencil} onClick={() => setEdited(printable(JSON.stringify(called, null, 2)))}>
        Edit arguments
      </Button>
    ) : (
      <Field label="Arguments (JSON): the tool is called with these instead" error={wrongArgs}>
        {(ids) => (
          <TextArea
            {...ids}
            rows={5}
            className={s.args}
            value={edited}
            onChange={(event) => setEdited(event.target.value)}
          />
        )}
      </Field>
    );
  const effect =
    verb !== null &&
    (verb === "approve" && edited !== null
      ? "the agent goes on with the arguments you wrote"
      : approval.consequence?.[verb === "approve" ? "approved" : "rejected"].text);
  if (isPhone)
    return (
      <>
        <div className={s.bar} data-phone>
          {first}
        </div>
        <Dialog
          open={verb !== null}
          onClose={() => setVerb(null)}
          title={verb === null ? "" : `${WORDS[verb].does}: ${headingOf(approval)}`}
          description={effect}
          footer={<div className={s.buttons}>{second}</div>}
        >
          {argsField}
          {field}
        </Dialog>
      </>
    );
  return (
    <div className={s.bar}>
      {argsField && <div className={s.field}>{argsField}</div>}
      <div className={s.field}>{field}</div>
      {effect && (
        <p className={s.effect} role="status">
          {verb === "approve" ? "You are about to approve: " : "You are about to reject: "}
          <b>{effect}</b>
        </p>
      )}
      <div className={s.buttons}>{verb === null ? first : second}</div>
    </div>
  );
}
