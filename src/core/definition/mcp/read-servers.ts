import { isObject, type JsonValue } from "../../json.ts";
import type { Locate } from "../diagnostic.ts";
import { type Fields, type Found, fieldsOf, find, refuseUnknown } from "../normalise/fields.ts";
import { nameComplaint } from "../normalise/names.ts";
import { flag, number, object, refuse, text, texts } from "../normalise/read.ts";
import { fail, type Report, warn } from "../normalise/report.ts";
import { pointerTo } from "../pointer.ts";
import { closest } from "../suggest.ts";
import type { McpServer, McpTransport } from "./server.ts";
import { parseVariables, textsIn, VARIABLE_FORMS } from "./variables.ts";

/** Keys other programs write into such files; Station decides these things elsewhere. */
const FOREIGN = [
  "autoApprove",
  "alwaysAllow",
  "allowedTools",
  "inputs",
  "envFile",
  "dev",
  "gallery",
  "oauth",
];
const ABOUT = ["name", "description", "metadata", "$schema", "version", "tags"];
/** What may be a name in an environment of a process. */
const ENV_NAME = /^[A-Za-z_][A-Za-z0-9_.-]*$/;
const HEADER_NAME = /^[A-Za-z0-9!#$%&'*+.^_`|~-]+$/;
const MAX_TIMEOUT_SECONDS = 3600;

/**
 * Reads a file of MCP servers: `{"mcpServers": {…}}` or `{"servers": {…}}`, each server with `command` or `url`. A
 * server with an error is left out; the others are still there.
 */
export function readMcpServers(
  value: JsonValue,
  { file, report, locate }: { readonly file: string; readonly report: Report; readonly locate: Locate },
): readonly McpServer[] {
  const fields = fieldsOf(report, value, "", "the file");
  for (const key of ABOUT) fields.asked.add(key);
  warnForeign(fields);
  const found = find(fields, "mcpServers", "servers");
  if (!found && !fields.isBroken) {
    const near = Object.keys(fields.value).find((key) => closest(key, ["mcpServers", "servers"]) !== null);
    fail(report, "MISSING_KEY", "", 'the file needs "mcpServers" (or "servers")', {
      hint: near === undefined ? 'write {"mcpServers": {"<name>": {"command": …}}}' : `rename "${near}"`,
    });
  }
  refuseUnknown(fields);
  const servers = object(fields, found) ?? {};
  return Object.entries(servers).flatMap(([name, written]) => {
    const pointer = pointerTo(found?.pointer ?? "", name);
    const own: Report = { issues: [] };
    const place = locate(pointer, "key");
    const fields = fieldsOf(own, written, pointer, `MCP server "${name}"`);
    const server = { name, file, place, ...readServer(name, fields) };
    report.issues.push(...own.issues);
    const isBroken = own.issues.some(({ severity }) => severity === "error");
    return isBroken ? [] : [server];
  });
}

function readServer(name: string, fields: Fields): Omit<McpServer, "name" | "file" | "place"> {
  const { report, pointer } = fields;
  const complaint = nameComplaint(name) ?? (/[*]|__/.test(name) ? 'must not contain "*" or "__"' : null);
  if (complaint !== null)
    fail(report, "INVALID_NAME", pointer, `the name of ${fields.what} ${complaint}`, { on: "key" });
  for (const key of ABOUT) fields.asked.add(key);
  warnForeign(fields);
  const described = find(fields, "description")?.value;
  const timeout = number(fields, find(fields, "timeoutSeconds", "timeout_seconds"), {
    min: 1,
    max: MAX_TIMEOUT_SECONDS,
  });
  const disabled = flag(fields, find(fields, "disabled"));
  const transport = readTransport(fields);
  refuseUnknown(fields);
  return {
    description: typeof described === "string" ? described : null,
    transport,
    timeoutSeconds: timeout ?? null,
    disabled: disabled ?? false,
  };
}

function readTransport(fields: Fields): McpTransport {
  const { report } = fields;
  const command = find(fields, "command");
  const url = find(fields, "url", "serverUrl", "httpUrl");
  const args = find(fields, "args");
  const env = find(fields, "env");
  const cwd = find(fields, "cwd");
  const headers = find(fields, "headers");
  checkType(fields);
  if (command && url)
    fail(report, "CONFLICTING_KEYS", url.pointer, `${fields.what} has both "command" and "${url.key}"`, {
      on: "key",
      hint: "a server is started here or reached at an address",
    });
  if (!command && !url && !fields.isBroken)
    fail(report, "MISSING_KEY", fields.pointer, `${fields.what} needs "command" or "url"`, { on: "key" });
  for (const found of [command, url, args, env, cwd, headers]) if (found) checkVariables(fields, found);
  if (url) {
    for (const found of [args, env, cwd])
      if (found) misplaced(fields, found, 'is for servers with "command"');
    return { kind: "http", url: readUrl(fields, url), headers: readTexts(fields, headers, HEADER_NAME) };
  }
  if (headers) misplaced(fields, headers, 'is for servers with "url"');
  return {
    kind: "stdio",
    command: text(fields, command) ?? "",
    args: readArgs(fields, args),
    env: readTexts(fields, env, ENV_NAME),
    cwd: text(fields, cwd) ?? null,
  };
}

function checkType(fields: Fields): void {
  const found = find(fields, "type", "transport");
  if (!found) return;
  const known = ["stdio", "http", "streamable-http", "streamableHttp", "streamable_http"];
  if (typeof found.value === "string" && known.includes(found.value)) return;
  if (found.value === "sse")
    refuse(fields, found, "is a transport that is no longer spoken", "http", "UNSUPPORTED", 'use "http"');
  else refuse(fields, found, 'must be "stdio" or "http"', known);
}

function readUrl(fields: Fields, found: Found): string {
  const url = text(fields, found) ?? "";
  const parsed = parseVariables(url);
  // What a variable makes of it is checked when its value is known.
  const isPlain = parsed.ok && parsed.parts.every(({ kind }) => kind === "text");
  if (url !== "" && isPlain && !(URL.canParse(url) && /^https?:$/.test(new URL(url).protocol)))
    refuse(fields, found, "must be an http:// or https:// address", "url", "INVALID_VALUE");
  return url;
}

function readArgs(fields: Fields, found: Found | null): readonly string[] {
  if (found && !Array.isArray(found.value)) {
    refuse(fields, found, "must be a list of texts", "array");
    return [];
  }
  // An empty argument is an argument.
  const values = (found?.value ?? []) as readonly JsonValue[];
  if (values.every((value) => typeof value === "string")) return values;
  texts(fields, found);
  return [];
}

function readTexts(fields: Fields, found: Found | null, names: RegExp): Readonly<Record<string, string>> {
  const read: Record<string, string> = {};
  for (const [key, value] of Object.entries(object(fields, found) ?? {})) {
    const pointer = pointerTo(found?.pointer ?? "", key);
    const inner = { key, value, pointer };
    if (!names.test(key))
      fail(
        fields.report,
        "INVALID_NAME",
        pointer,
        `"${key}" in "${found?.key}" of ${fields.what} is no name`,
        {
          on: "key",
        },
      );
    else if (typeof value === "string") read[key] = value;
    else if (typeof value === "number" || typeof value === "boolean") read[key] = String(value);
    // The value may be a secret that was put into the wrong shape: it is not shown.
    else refuseSilently(fields, inner);
  }
  return read;
}

function refuseSilently({ report, what }: Fields, { key, pointer }: Found): void {
  fail(report, "WRONG_TYPE", pointer, `"${key}" of ${what} must be text`, { expected: "text" });
}

/** Every opened variable is one, in texts at any depth. */
function checkVariables({ report, what }: Fields, found: Found): void {
  for (const { text: written, pointer } of textsIn(found.value, found.pointer)) {
    const parsed = parseVariables(written);
    if (!parsed.ok)
      fail(report, "TEMPLATE_SYNTAX", pointer, `"${found.key}" of ${what} ${parsed.message}`, {
        offset: parsed.offset,
        hint: `a variable is written ${VARIABLE_FORMS}`,
      });
  }
}

function misplaced({ report, what }: Fields, { key, pointer }: Found, why: string): void {
  fail(report, "CONFLICTING_KEYS", pointer, `"${key}" of ${what} ${why}`, { on: "key" });
}

function warnForeign(fields: Fields): void {
  for (const key of FOREIGN)
    if (find(fields, key))
      warn(
        fields.report,
        "UNSUPPORTED",
        pointerTo(fields.pointer, key),
        `"${key}" has no effect in Station`,
        {
          on: "key",
        },
      );
}

/** The values of a `variables.yml`: a flat map. A value is never part of a finding. */
export function readVariables(value: JsonValue, report: Report): Readonly<Record<string, string>> {
  if (value === null) return {};
  if (!isObject(value)) {
    fail(report, "WRONG_TYPE", "", "the file must be a map of names to texts", { expected: "object" });
    return {};
  }
  const variables: Record<string, string> = {};
  for (const [key, item] of Object.entries(value)) {
    if (typeof item === "string") variables[key] = item;
    else if (typeof item === "number" || typeof item === "boolean") variables[key] = String(item);
    else
      fail(report, "WRONG_TYPE", pointerTo("", key), `variable "${key}" must be text`, {
        expected: "text",
        hint: item === null ? 'write "" for an empty one' : undefined,
      });
  }
  return variables;
}
