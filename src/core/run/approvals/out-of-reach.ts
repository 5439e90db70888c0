import { mostVoices } from "../../definition/approver.ts";
import { isSame } from "../../identity/principal.ts";
import type { Approval, ApprovalTerms } from "../run.ts";
import { type Asked, excludedFrom } from "./rights.ts";

type Demand = Pick<Approval, "approvers" | "quorum" | "excludeStarter"> & {
  readonly expiresAt: number;
  readonly terms: Pick<ApprovalTerms, "author" | "veto" | "escalate">;
};

/** Why an approval can never be given, whatever anybody does; `null` as soon as a team, a role or anyone may decide. */
export function outOfReach(demand: Demand, asked: Asked): string | null {
  const { approvers, quorum, expiresAt, terms } = demand;
  if (approvers.length === 0) return null;
  const later = terms.escalate.filter(({ at }) => at < expiresAt).flatMap(({ to }) => to);
  const excluded = excludedFrom(demand, asked);
  const lacks = needs(quorum, approvers).map(({ needed, among, whose }) => {
    const deciders = [...new Set([...among, ...later])];
    const able = deciders.filter((name) => !excluded.some(({ who }) => isSame(who, name)));
    if (needed <= mostVoices(able)) return null;
    const who = able.length === 0 ? "nobody may decide" : `only ${able.join(", ")} may decide`;
    const why = excluded
      .filter((one) => deciders.some((name) => isSame(one.who, name)))
      .map((one) => `: ${one.who} ${one.because}`);
    return `${needed} approval${needed === 1 ? "" : "s"}${whose} can never be given, ${who}${why.join("")}`;
  });
  return lacks.find((lack) => lack !== null) ?? null;
}

/** How many voices it takes, and whose: by group, for each of them and in all. */
function needs(quorum: Approval["quorum"], approvers: readonly string[]) {
  if (typeof quorum === "number") return [{ needed: quorum, among: approvers, whose: "" }];
  const groups = Object.entries(quorum).map(([group, needed]) => ({
    needed,
    among: approvers.filter((name) => isSame(name, group)),
    whose: ` for ${group}`,
  }));
  const all = groups.reduce((sum, { needed }) => sum + needed, 0);
  return [...groups, { needed: all, among: approvers, whose: "" }];
}
