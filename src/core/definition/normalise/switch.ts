import { isList } from "../../json.ts";
import { pointerTo } from "../pointer.ts";
import type { SwitchState } from "../types.ts";
import { readBaseWithoutTimeout, readTarget, type StateFields } from "./base.ts";
import { type Fields, type Found, fieldsOf, find, refuseUnknown } from "./fields.ts";
import { readingPath } from "./paths.ts";
import { missing, refuse, requiredText, text } from "./read.ts";

type Arm = SwitchState["conditions"][number];

/** Chooses where to go. */
export function readSwitch(state: StateFields): SwitchState {
  const { fields } = state;
  const dataPath = readingPath(fields, find(fields, "dataPath"));
  const conditions = readArms(fields, find(fields, "conditions"));
  const defaultNext = text(fields, find(fields, "defaultNext", "default"));
  const base = readBaseWithoutTimeout(state, "a switch decides at once");
  const advice = 'write "defaultNext" for where to go when no condition holds';
  refuseUnknown(fields, { next: advice, transition: advice, end: advice });
  return {
    ...base,
    type: "switch",
    ...(dataPath !== undefined && { dataPath }),
    conditions,
    ...(defaultNext !== undefined && { defaultNext }),
  };
}

function readArms(fields: Fields, found: Found | null): readonly Arm[] {
  if (!found) missing(fields, "conditions");
  if (!found) return [];
  if (!isList(found.value)) return refuse(fields, found, "must be a list of {if, next}", "array") ?? [];
  if (found.value.length === 0) refuse(fields, found, "must not be empty", "conditions", "INVALID_VALUE");
  return found.value.map((value, index) => {
    const arm = fieldsOf(
      fields.report,
      value,
      pointerTo(found.pointer, index),
      `condition ${index + 1} of ${fields.what}`,
    );
    const condition = readCondition(arm);
    const next = readTarget(arm);
    refuseUnknown(arm);
    for (const key of ["if", "next"])
      fields.moved.set(`conditions/${index}/${key}`, arm.moved.get(key) ?? arm.pointer);
    return { if: condition, next };
  });
}

/** A condition; YAML reads a bare `true` as a truth value, which is one. */
function readCondition(arm: Fields): string {
  const found = find(arm, "if", "condition");
  if (typeof found?.value === "boolean") return String(found.value);
  return requiredText(arm, found, "if");
}
