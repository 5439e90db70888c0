import { DEEPEST } from "../../json.ts";
import { type Path, parsePath } from "../../path.ts";
import type { Fields, Found } from "./fields.ts";
import { refuse, text } from "./read.ts";

const PATH_FORM = 'a path like "steps.check.pods" or "items[0].name"';
/** Names that stand beside the context and cannot be written. */
const READ_ONLY = new Set(["input", "workflow", "ctx"]);
/** Names that are not the context's keys of that name, which only `ctx.` leads to. */
const BESIDE = new Set(["input", "workflow", "now", "_timestamp"]);

/** Where a state writes its result: a dot-path in the context, without `ctx.` or `$.`. */
export function writtenPath(fields: Fields, found: Found | null): string | undefined {
  const written = text(fields, found, "INVALID_PATH");
  if (!found || written === undefined) return undefined;
  const path = parsePath(written);
  if (!path) return refusePath(fields, found, written);
  const [root] = path.keys;
  if (root === undefined)
    return refuse(fields, found, "must name a key, not the whole context", PATH_FORM, "INVALID_PATH");
  if (READ_ONLY.has(root))
    return refuse(fields, found, `cannot write below "${root}": it is read-only`, PATH_FORM, "INVALID_PATH");
  if (path.keys.length > DEEPEST)
    return refuse(fields, found, `leads more than ${DEEPEST} levels deep`, PATH_FORM, "INVALID_PATH");
  return pathText(path.keys);
}

/** What a state reads: as `writtenPath`; `$.` stays, because it looks in the state's input first. */
export function readingPath(fields: Fields, found: Found | null): string | undefined {
  const written = text(fields, found, "INVALID_PATH");
  if (!found || written === undefined) return undefined;
  const path = parsePath(written);
  if (!path) return refusePath(fields, found, written);
  if (path.keys.length === 0) return path.root === "input" ? "$" : "ctx";
  const canonical = pathText(path.keys);
  if (path.root === "input") return `$.${canonical}`;
  return path.root === "context" && BESIDE.has(path.keys[0] ?? "") ? `ctx.${canonical}` : canonical;
}

/** The canonical spelling of a path: `a.0.c`, brackets only where a key needs them; no path begins with these. */
function pathText([first = "", ...below]: Path): string {
  const begin = /^[A-Za-z_][\w-]*$/.test(first) ? first : `ctx["${first}"]`;
  return (
    begin + below.map((key) => (/^(?:[A-Za-z_][\w-]*|\d+)$/.test(key) ? `.${key}` : `["${key}"]`)).join("")
  );
}

function refusePath(fields: Fields, found: Found, written: string): undefined {
  const inner = /^(?:\{\{|\$\{)([^{}]*)\}\}?$/.exec(written.trim())?.[1]?.trim();
  const hint = inner !== undefined && parsePath(inner) ? `write ${inner}, without braces` : undefined;
  return refuse(
    fields,
    found,
    `must be ${PATH_FORM}, not ${JSON.stringify(written)}`,
    PATH_FORM,
    "INVALID_PATH",
    hint,
  );
}
