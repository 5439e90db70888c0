import type { JSONRPCMessage } from "@modelcontextprotocol/client";
import { isList, isObject, type JsonObject, type JsonValue } from "../../core/json.ts";
import { spoken } from "./answer.ts";

/**
 * A server's answer as the protocol has it, where everybody can tell what is meant: what is null is not there, a
 * tool without a schema takes any object, and structured content that is no object is a text. The SDK would refuse it, though the tool has done its work.
 */
export function lenient(message: JSONRPCMessage): JSONRPCMessage {
  if (!("result" in message)) return message;
  const { structuredContent, ...rest } = withoutNulls(message.result as JsonObject);
  const result = Object.fromEntries(
    Object.entries(rest).map(([key, value]) => [
      key,
      isList(value) ? value.map(key === "tools" ? tool : known) : known(value),
    ]),
  );
  if (isObject(structuredContent)) return { ...message, result: { ...result, structuredContent } };
  const { content = [] } = result;
  const isBare = structuredContent !== undefined && isList(content) && content.length === 0;
  if (!isBare) return { ...message, result };
  return { ...message, result: { ...result, content: [{ type: "text", text: spoken(structuredContent) }] } };
}

function known(value: JsonValue): JsonValue {
  return isObject(value) ? withoutNulls(value) : value;
}

/** What says nothing of its arguments takes an object of whatever. */
function tool(value: JsonValue): JsonValue {
  if (!isObject(value)) return value;
  const { inputSchema, ...rest } = withoutNulls(value);
  return {
    ...rest,
    inputSchema: { type: "object", ...(isObject(inputSchema) ? withoutNulls(inputSchema) : {}) },
  };
}

function withoutNulls(object: JsonObject): JsonObject {
  return Object.fromEntries(Object.entries(object).filter(([, value]) => value !== null));
}
