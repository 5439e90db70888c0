import { isObject } from "../../json.ts";
import { mostVoices } from "../approver.ts";
import { pointerTo } from "../pointer.ts";
import { didYouMean } from "../suggest.ts";
import { isTemplate } from "../template.ts";
import type { ApprovalState } from "../types.ts";
import { type Fields, type Found, fieldsOf } from "./fields.ts";
import { number, refuse } from "./read.ts";
import { fail } from "./report.ts";

/** Who may decide at once, and who else once it has been escalated. */
type Deciders = { readonly approvers: readonly string[]; readonly later: readonly string[] };

/** How many approvals are needed, in all or per group; one that can never be reached is an error. */
export function readQuorum(fields: Fields, found: Found | null, deciders: Deciders): ApprovalState["quorum"] {
  if (!found) return 1;
  if (isObject(found.value)) return readGroups(fields, found, deciders);
  const quorum = number(fields, found, { min: 1, whole: true }, "INVALID_QUORUM") ?? 1;
  const most = mostDecisions(deciders);
  if (quorum > most)
    refuse(
      fields,
      found,
      `can never be reached: ${quorum} approvals are needed and ${most} people may approve`,
      most,
      "INVALID_QUORUM",
    );
  return quorum;
}

/** How many rejections it takes; more than people may decide is an error. */
export function readRejectQuorum(
  fields: Fields,
  found: Found | null,
  deciders: Deciders,
): number | undefined {
  const quorum = number(fields, found, { min: 1, whole: true }, "INVALID_QUORUM");
  const most = mostDecisions(deciders);
  if (found && quorum !== undefined && quorum > most)
    refuse(
      fields,
      found,
      `can never be reached: ${quorum} rejections are needed and ${most} people may decide`,
      most,
      "INVALID_QUORUM",
    );
  return quorum;
}

/** How many different people can decide at most; without end as soon as a team, a role or anyone may. */
function mostDecisions({ approvers, later }: Deciders): number {
  return approvers.length === 0 ? Number.POSITIVE_INFINITY : mostVoices([...approvers, ...later]);
}

function readGroups(
  fields: Fields,
  found: Found,
  { approvers, later }: Deciders,
): Readonly<Record<string, number>> {
  const groups = fieldsOf(fields.report, found.value, found.pointer, `"quorum" of ${fields.what}`);
  const entries = Object.entries(groups.value).map(([group, value]) => {
    const pointer = pointerTo(groups.pointer, group);
    const count =
      number(groups, { key: group, value, pointer }, { min: 1, whole: true }, "INVALID_QUORUM") ?? 1;
    if (!approvers.includes(group))
      fail(
        groups.report,
        "INVALID_QUORUM",
        pointer,
        `${groups.what} counts "${group}", which is not among the approvers`,
        {
          on: "key",
          hint: didYouMean(group, approvers),
        },
      );
    else if (isTemplate(group))
      fail(
        groups.report,
        "INVALID_QUORUM",
        pointer,
        `${groups.what} counts "${group}", which is not filled in: groups are named as they are`,
        { on: "key" },
      );
    else if (count > mostVoices([group, ...later]))
      fail(
        groups.report,
        "INVALID_QUORUM",
        pointer,
        `${groups.what} can never be reached: "${group}" approves once`,
        {
          expected: mostVoices([group, ...later]),
          actual: count,
        },
      );
    return [group, count] as const;
  });
  if (entries.length === 0)
    refuse(fields, found, "must count at least one group", "groups", "INVALID_QUORUM");
  return Object.fromEntries(entries);
}
