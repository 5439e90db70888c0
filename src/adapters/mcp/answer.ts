import type { CallToolResult } from "@modelcontextprotocol/client";
import { DEEPEST, isList, isObject, isTooDeep, type JsonValue } from "../../core/json.ts";
import type { ToolOutcome } from "../../engine/ports/tools.ts";
import type { Redact } from "./redact.ts";

const TOO_DEEP = `the tool has done its work, but its answer is nested more than ${DEEPEST} levels deep and was not read`;

const INEXACT = "[integers beyond 2^53 in this answer may have lost their last digits]";

type Block = CallToolResult["content"][number];

/** What a tool answered, as an agent reads it; secrets of the server's own configuration are taken out. */
export function answerOf(
  result: CallToolResult,
  redact: Redact,
): Extract<ToolOutcome, { status: "answered" }> {
  const given = result.structuredContent as JsonValue | undefined;
  const isReadable = !isTooDeep(given);
  const structured = isReadable ? given : undefined;
  const blocks = (result.content ?? []).map(textOf);
  if (!isReadable && blocks.length === 0) return { status: "answered", text: TOO_DEEP, isError: true };
  const text = blocks.length > 0 || structured === undefined ? blocks.join("\n") : spoken(structured);
  return {
    status: "answered",
    text: redact(text),
    ...(structured !== undefined && { structured: redacted(structured, redact) }),
    isError: result.isError === true,
  };
}

/** A value as text. Whoever read the message has made numbers of its integers already. */
export function spoken(structured: JsonValue): string {
  const text = JSON.stringify(structured);
  const isExact = !/\d{16}/.test(text) || isSafe(structured);
  return isExact ? text : `${text}\n${INEXACT}`;
}

function isSafe(value: JsonValue): boolean {
  if (isList(value)) return value.every(isSafe);
  if (isObject(value)) return Object.values(value).every(isSafe);
  return !Number.isInteger(value) || Number.isSafeInteger(value);
}

/** Text as it is; what is no text is named. */
function textOf(block: Block): string {
  switch (block.type) {
    case "text":
      return block.text;
    case "image":
    case "audio":
      return `[${block.type} ${block.mimeType}, ${size(block.data)}]`;
    case "resource_link":
      return `[resource ${block.uri}${block.name === block.uri ? "" : ` ${block.name}`}]`;
    case "resource": {
      const { resource } = block;
      if ("text" in resource) return resource.text;
      return `[resource ${resource.uri}${resource.mimeType ? ` ${resource.mimeType}` : ""}, ${size(resource.blob)}]`;
    }
  }
}

function size(base64: string): string {
  const bytes = Math.floor((base64.length * 3) / 4);
  return bytes < 1000 ? `${bytes} bytes` : `${Math.round(bytes / 1000)} kB`;
}

function redacted(value: JsonValue, redact: Redact): JsonValue {
  if (typeof value === "string") return redact(value);
  if (isList(value)) return value.map((item) => redacted(item, redact));
  if (!isObject(value)) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, item]) => [redact(key), redacted(item, redact)]),
  );
}
