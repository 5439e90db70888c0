import { isObject, type JsonObject, type JsonValue } from "../../json.ts";
import { type AgentDefinition, MODEL_SETTINGS, type SchemaKey } from "../agent.ts";
import { readAgentWork } from "./agent-rules.ts";
import { readAgentSchema } from "./agent-schema.ts";
import {
  type Fields,
  type Found,
  fieldsOf,
  find,
  findIn,
  innerFields,
  type SpelledAt,
  warnUnknown,
} from "./fields.ts";
import { nameComplaint } from "./names.ts";
import { number, object, refuse, text } from "./read.ts";
import { type Report, warn } from "./report.ts";

type FromFrontmatter = Omit<
  AgentDefinition,
  "aliases" | "file" | "environment" | "checksum" | "body" | "bodyLine" | "schemasAt" | "warnings"
> & {
  /** Where the schemas stand. */
  readonly pointers: { readonly [Key in SchemaKey]?: string };
};

const DEFAULT_MAX_STEPS = 10;

/** Keys that are kept in `raw` for the agent layer. */
const KEPT = ["app", "app_type", "tags"];
/** Keys of the original's files that this version does not do. */
const NOT_SUPPORTED = ["schedule", "sandbox", "coding", "notify", "cloudshipai", "harness"];
/** The same below `station` and `harness_config`, with what to write instead. */
const NOT_OF_STATION = { max_retries: 'write "retry" at the state of the workflow that names the agent' };
const NOT_OF_HARNESS = {
  timeout: 'write "timeout_seconds" beside "harness_config"',
  doom_loop_threshold: "four equal calls of a tool in a row end an agent",
  memory_flush: undefined,
};

/** Reads the frontmatter of an agent's file. Unknown keys are warnings: real files carry many. */
export function readAgentFile(value: JsonValue, fileName: string, report: Report): FromFrontmatter {
  const fields = fieldsOf(report, value ?? {}, "", "the agent");
  const metadata = innerFields(fields, "metadata");
  const input = innerFields(fields, "input");
  const output = innerFields(fields, "output");
  const name =
    readName(
      fields,
      findIn(fields, "name", [
        [metadata, "name"],
        [fields, "name"],
      ]),
    ) ?? fileName;
  const model = text(fields, find(fields, "model")) ?? "";
  const described = findIn(fields, "description", [
    [metadata, "description"],
    [fields, "description"],
  ]);
  const description = typeof described?.value === "string" ? described.value : null;
  const inputSchema = readAgentSchema(
    fields,
    findIn(fields, "inputSchema", [
      [input, "schema"],
      [fields, "input_schema"],
    ]),
  );
  const outputSchema = readAgentSchema(
    fields,
    findIn(fields, "outputSchema", [
      [output, "schema"],
      [fields, "output_schema"],
    ]),
  );
  const fallback = object(fields, findIn(fields, "inputDefault", [[input, "default"]]));
  const script = find(fields, "script")?.value;
  const station = innerFields(fields, "station");
  const harness = innerFields(fields, "harness_config");
  const maxSteps = readMaxSteps(fields, [fields, metadata, station, harness]);
  const work = readAgentWork(fields, station, maxSteps);
  const known: readonly SpelledAt[] = KEPT.map((key) => [fields, key]);
  for (const [map, key] of [...known, [metadata, "tags"], [output, "format"]] as const) map?.asked.add(key);
  for (const key of NOT_SUPPORTED) warnUnsupported(fields, key);
  warnUnsupported(output, "preset");
  for (const [key, hint] of Object.entries(NOT_OF_STATION)) warnUnsupported(station, key, hint);
  for (const [key, hint] of Object.entries(NOT_OF_HARNESS)) warnUnsupported(harness, key, hint);
  warnSettings(innerFields(fields, "config"));
  for (const map of [fields, metadata, input, output, station, harness]) if (map) warnUnknown(map);
  return {
    name,
    model,
    description,
    ...((inputSchema || fallback) && { inputSchema: withDefault(inputSchema, fallback) }),
    ...(outputSchema && { outputSchema }),
    ...(script !== undefined && { script }),
    ...work,
    raw: rawOf(value),
    pointers: pointersOf(fields),
  };
}

function withDefault(schema: JsonObject = { type: "object" }, fallback?: JsonObject): JsonObject {
  return fallback ? { ...schema, default: fallback } : schema;
}

function pointersOf({ moved }: Fields): FromFrontmatter["pointers"] {
  const [input, output] = [moved.get("inputSchema"), moved.get("outputSchema")];
  return {
    ...(input !== undefined && { inputSchema: input }),
    ...(output !== undefined && { outputSchema: output }),
  };
}

function rawOf(value: JsonValue): JsonObject {
  return isObject(value) ? value : {};
}

function readName(fields: Fields, found: Found | null): string | undefined {
  const name = text(fields, found, "INVALID_NAME");
  if (!found || name === undefined) return undefined;
  const complaint = nameComplaint(name);
  return complaint === null ? name : refuse(fields, found, complaint, "name", "INVALID_NAME");
}

function readMaxSteps(fields: Fields, maps: readonly (Fields | null)[]): number {
  for (const map of maps) map?.asked.add("max_steps");
  for (const map of maps) {
    const found = map && find(map, "max_steps");
    if (found) return number(fields, found, { min: 1, max: 1000, whole: true }) ?? DEFAULT_MAX_STEPS;
  }
  return DEFAULT_MAX_STEPS;
}

function warnUnsupported(fields: Fields | null, key: string, hint?: string): void {
  const found = fields && find(fields, key);
  if (!found) return;
  const message = `"${key}" of ${fields.what} is not supported yet`;
  warn(fields.report, "UNSUPPORTED", found.pointer, message, { on: "key", hint });
}

/** A limit that its author believes in and that no model is told is worse than none. */
function warnSettings(config: Fields | null): void {
  if (!config) return;
  for (const key of MODEL_SETTINGS) {
    const found = find(config, key);
    if (found && typeof found.value !== "number")
      warn(
        config.report,
        "WRONG_TYPE",
        found.pointer,
        `"${key}" of ${config.what} must be a number; it is left out`,
        {
          expected: "number",
          actual: found.value,
        },
      );
  }
  warnUnknown(config, `there are: ${MODEL_SETTINGS.join(", ")}`);
}
