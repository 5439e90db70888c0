import { isList, isObject, type JsonValue } from "../../json.ts";
import { APPROVER_FORMS, isApprover } from "../approver.ts";
import { pointerTo } from "../pointer.ts";
import { isTemplate } from "../template.ts";
import type { ApprovalState, Escalation } from "../types.ts";
import { readBase, readTarget, readTransition, type StateFields } from "./base.ts";
import { type Fields, type Found, fieldsOf, find, findIn, refuseUnknown, type SpelledAt } from "./fields.ts";
import { readingPath } from "./paths.ts";
import { readQuorum, readRejectQuorum } from "./quorum.ts";
import { flag, itemPointer, missing, refuse, requiredText, seconds, text, texts } from "./read.ts";
import { fail, warn } from "./report.ts";

/** How long an approval is open when nobody says otherwise: a day. */
const DEFAULT_TIMEOUT_SECONDS = 86_400;

/** A step that people decide. */
export function readApproval(state: StateFields): ApprovalState {
  const { fields } = state;
  const at = (canonical: string, ...aliases: readonly string[]) => findEither(state, canonical, aliases);
  const message = requiredText(fields, at("message", "prompt"), "message");
  const title = text(fields, at("title", "approval_title"));
  const summaryPath = readingPath(fields, at("summaryPath", "summary_path"));
  const approvers = readApprovers(fields, at("approvers"));
  const base = readBase(state);
  const timeoutSeconds = base.timeoutSeconds ?? DEFAULT_TIMEOUT_SECONDS;
  const vetoed = at("veto");
  const veto = vetoed && readApprovers(fields, vetoed);
  const escalate = readEscalations(fields, at("escalate"), timeoutSeconds);
  const deciders = { approvers, later: escalate.flatMap(({ to }) => to) };
  const rejectQuorum = readRejectQuorum(fields, at("rejectQuorum", "reject_quorum"), deciders);
  const allowDelegation = readDelegation(fields, at("allowDelegation", "allow_delegation"), approvers);
  const remindBeforeSeconds = readReminder(state, timeoutSeconds);
  return {
    ...base,
    type: "operation",
    action: "human.approval",
    message,
    ...(title !== undefined && { title }),
    ...(summaryPath !== undefined && { summaryPath }),
    approvers,
    quorum: readQuorum(fields, at("quorum"), deciders),
    excludeStarter: flag(fields, at("excludeStarter", "exclude_starter")) ?? approvers.length > 0,
    ...(flag(fields, at("excludeAuthor", "exclude_author")) === true && { excludeAuthor: true as const }),
    ...(rejectQuorum !== undefined && { rejectQuorum }),
    ...(veto && { veto }),
    ...(allowDelegation === true && { allowDelegation: true as const }),
    ...(remindBeforeSeconds !== undefined && { remindBeforeSeconds }),
    onReject: readOutcome(fields, at("onReject"), ["fail", "cancel"]) ?? "fail",
    onTimeout: readOutcome(fields, at("onTimeout"), ["fail", "reject"]) ?? "fail",
    escalate,
    timeoutSeconds,
    transition: readTransition(state),
  };
}

function findEither(
  { fields, input }: StateFields,
  canonical: string,
  aliases: readonly string[],
): Found | null {
  const places = [canonical, ...aliases].flatMap((key): SpelledAt[] => [
    [input, key],
    [fields, key],
  ]);
  return findIn(fields, canonical, places);
}

function readApprovers(fields: Fields, found: Found | null): readonly string[] {
  const approvers = texts(fields, found, "INVALID_APPROVERS") ?? [];
  if (found && isList(found.value) && found.value.length === 0)
    refuse(
      fields,
      found,
      "must name somebody",
      "approvers",
      "INVALID_APPROVERS",
      "leave it out to let anyone approve",
    );
  if (found) checkApprovers(fields, found, approvers, (name) => isTemplate(name) || isApprover(name));
  return approvers;
}

/** Refuses those of a list of names who are none that may decide: an approval that is theirs alone is nobody's. */
export function checkApprovers(
  fields: Fields,
  found: Found,
  approvers: readonly string[],
  may: (name: string) => boolean = isApprover,
): void {
  for (const [index, approver] of approvers.entries()) {
    if (may(approver)) continue;
    const pointer = itemPointer(found, index);
    fail(fields.report, "INVALID_APPROVERS", pointer, `${fields.what}: "${approver}" is not an approver`, {
      expected: APPROVER_FORMS,
      actual: approver,
      hint: approver.includes(":")
        ? undefined
        : `write "${approver.includes("@") ? "user" : "team"}:${approver}"`,
    });
  }
}

function readOutcome<Word extends string>(
  fields: Fields,
  found: Found | null,
  words: readonly Word[],
): Word | { readonly next: string } | undefined {
  if (!found) return undefined;
  if (!isObject(found.value)) {
    const word = words.find((candidate) => candidate === found.value);
    if (word !== undefined) return word;
    const expected = `${words.join(", ")} or {next: …}`;
    const hint =
      typeof found.value === "string" ? `write "{next: ${found.value}}" to go to a state` : undefined;
    return refuse(fields, found, `must be ${expected}`, expected, "INVALID_VALUE", hint);
  }
  const target = fieldsOf(fields.report, found.value, found.pointer, `"${found.key}" of ${fields.what}`);
  const next = readTarget(target);
  refuseUnknown(target);
  fields.moved.set(`${found.key}/next`, target.moved.get("next") ?? target.pointer);
  return { next };
}

function readDelegation(fields: Fields, found: Found | null, approvers: readonly string[]) {
  const allowed = flag(fields, found);
  if (found && allowed === true && approvers.length === 0)
    refuse(
      fields,
      found,
      "has nothing to hand on: no approvers are named",
      "approvers",
      "INVALID_VALUE",
      'name "approvers", or leave it out',
    );
  return allowed;
}

function readReminder({ fields, input }: StateFields, timeoutSeconds: number): number | undefined {
  const spellings = ["remindBeforeSeconds", "remind_before_seconds", "remindBefore"].flatMap(
    (key): SpelledAt[] => [
      [input, key],
      [fields, key],
    ],
  );
  const before = seconds(fields, spellings, "remindBeforeSeconds", 0);
  if (before !== undefined && before >= timeoutSeconds)
    warn(
      fields.report,
      "INVALID_DURATION",
      fields.moved.get("remindBeforeSeconds") ?? fields.pointer,
      `${fields.what} reminds ${before} s before it times out, which is when it is asked (${timeoutSeconds} s)`,
    );
  return before;
}

function readEscalations(fields: Fields, found: Found | null, timeoutSeconds: number): readonly Escalation[] {
  if (!found) return [];
  if (!isList(found.value)) return refuse(fields, found, "must be a list", "array") ?? [];
  return found.value.map((value, index) =>
    readEscalation(
      fieldsOf(
        fields.report,
        value,
        pointerTo(found.pointer, index),
        `escalation ${index + 1} of ${fields.what}`,
      ),
      timeoutSeconds,
    ),
  );
}

function readEscalation(fields: Fields, timeoutSeconds: number): Escalation {
  const spellings: readonly SpelledAt[] = [
    [fields, "afterSeconds"],
    [fields, "after_seconds"],
    [fields, "after"],
  ];
  const afterSeconds = seconds(fields, spellings, "afterSeconds");
  if (afterSeconds === undefined && !fields.moved.has("afterSeconds")) missing(fields, "afterSeconds");
  if (afterSeconds !== undefined && afterSeconds >= timeoutSeconds)
    warn(
      fields.report,
      "INVALID_DURATION",
      fields.moved.get("afterSeconds") ?? fields.pointer,
      `${fields.what} comes after ${afterSeconds} s, when the approval has timed out (${timeoutSeconds} s)`,
    );
  const to = find(fields, "to");
  if (!to) missing(fields, "to");
  const notify: JsonValue | undefined = find(fields, "notify")?.value;
  refuseUnknown(fields);
  return {
    afterSeconds: afterSeconds ?? 0,
    to: readApprovers(fields, to),
    ...(notify !== undefined && { notify }),
  };
}
