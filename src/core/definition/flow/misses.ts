import type { RootedPath } from "../../path.ts";
import type { Issue } from "../diagnostic.ts";
import { type KnownNames, unknownName } from "../known-names.ts";
import { describeShape, type Shape } from "../schema/shape.ts";
import { didYouMean } from "../suggest.ts";
import { type PathRead, pathsOfState } from "../texts.ts";
import type { State } from "../types.ts";
import type { Miss } from "./lookup.ts";
import { readShape, type View } from "./scene.ts";

const MAX_NAMES = 10;

/** The paths a state reads that cannot lead anywhere when it is reached, and lists that are none. */
export function judgeReads(state: State, pointer: string, view: View, known: KnownNames): readonly Issue[] {
  return pathsOfState(state, pointer).flatMap((read): readonly Issue[] => {
    // said already, wherever it stands
    if (read.path.root !== "input" && unknownName(known, read.path.keys)) return [];
    const found = readShape(view, read.path);
    if (!found.found) return [missing(read, found)];
    const isItems = state.type === "foreach" && read.offset === undefined;
    return isItems ? noList(read, found.shape) : [];
  });
}

function missing(read: PathRead, miss: Miss): Issue {
  const { message, hint } = explainMiss(read.path, miss);
  return {
    code: "UNKNOWN_NAME",
    severity: miss.isCertain ? "error" : "warning",
    path: read.pointer,
    ...(read.offset !== undefined && { offset: read.offset }),
    message: `${read.what}: ${message}`,
    ...(hint !== undefined && { hint }),
    actual: read.text,
  };
}

/** Which part of a path leads nowhere, and what there is instead. */
export function explainMiss(
  { root, keys }: RootedPath,
  { depth, names, isCertain }: Miss,
): { readonly message: string; readonly hint?: string } {
  const key = keys[depth] ?? "";
  const holder = keys.slice(0, depth).join(".");
  const where = holder === "" ? (root === "input" ? "the state's input" : "the context") : `"${holder}"`;
  const verb = isCertain ? "has no" : "declares no";
  const shown = names.filter((name) => !name.startsWith("_")).slice(0, MAX_NAMES);
  const list = shown.length < names.length ? `${shown.join(", ")}, …` : shown.join(", ");
  const near = didYouMean(key, names);
  const hint = near ?? (shown.length > 0 ? `there is ${list}` : undefined);
  const when = holder === "steps" || holder === "" ? " at this point" : "";
  return { message: `${where} ${verb} "${key}"${when}`, ...(hint !== undefined && { hint }) };
}

function noList(read: PathRead, shape: Shape): readonly Issue[] {
  if (shape === "unknown" || shape.length === 0) return [];
  const others = shape.filter(({ type }) => type !== "array");
  if (others.length === 0) return [];
  const isCertain = others.length === shape.length;
  const actual = describeShape(others);
  return [
    {
      code: "SCHEMA_COMPATIBILITY",
      severity: isCertain ? "error" : "warning",
      path: read.pointer,
      message: `${read.what}: "${read.text}" ${isCertain ? "is" : "may be"} ${actual}, not a list`,
      expected: "array",
      actual,
    },
  ];
}
