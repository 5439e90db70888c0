import { DEEPEST, isObject, isTooDeep } from "../core/json.ts";
import { parseJson } from "../core/json-syntax.ts";
import type { Schemas } from "../engine/ports/schemas.ts";
import type { SubmittedDefinition } from "./handler.ts";
import { HttpProblem } from "./problems.ts";
import type { Route } from "./routes/route.ts";
import { DEFAULT_ENVIRONMENT } from "./schemas/common.ts";
import { DefinitionEnvelope } from "./schemas/workflows.ts";
import { checked } from "./validate.ts";

const JSON_TYPE = /^application\/(?:[\w.-]+\+)?json$/;
const YAML_TYPE = /^(?:application|text)\/(?:[\w.-]+\+)?(?:x-)?yaml$/;

/** The body as the route's row promises it. */
export async function decodeBody(
  schemas: Schemas,
  route: Route,
  request: Request,
  environment: string | undefined,
): Promise<unknown> {
  if (!route.body) return {};
  if (route.bodyKind === "raw") return new Uint8Array(await request.arrayBuffer());
  const text = await textOf(request);
  if (text === "" && route.bodyKind === "optional") return checkedBody(schemas, route, {});
  const type = (request.headers.get("content-type") ?? "").split(";")[0]?.trim().toLowerCase() ?? "";
  if (route.bodyKind === "definition" && YAML_TYPE.test(type)) return submitted(text, "yaml", environment);
  if (!JSON_TYPE.test(type)) throw wrongType(route, type);
  const parsed = parseJson(text);
  if ("fault" in parsed) {
    const { message, line, column } = parsed.fault;
    throw new HttpProblem("bad-request", `the body is ${message} (line ${line}, column ${column})`, {
      errors: [{ pointer: "", message, line, column }],
    });
  }
  if (isTooDeep(parsed.value))
    throw new HttpProblem("bad-request", `the body is nested more than ${DEEPEST} levels deep`);
  if (route.bodyKind === "definition") return definitionIn(schemas, parsed.value, text, environment);
  return checkedBody(schemas, route, renamed(parsed.value, route.bodyAliases ?? {}));
}

async function textOf(request: Request): Promise<string> {
  const bytes = await request.arrayBuffer();
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch (cause) {
    throw new HttpProblem("bad-request", "the body is not UTF-8", { cause });
  }
}

function checkedBody(schemas: Schemas, route: Route, value: unknown): unknown {
  const { value: body, errors } = checked(schemas, route.body ?? {}, value);
  if (errors.length > 0) throw wrongShape(errors);
  return body;
}

/** An envelope, or the definition itself; either way the author's text goes on as it is. */
function definitionIn(
  schemas: Schemas,
  value: unknown,
  text: string,
  environment: string | undefined,
): SubmittedDefinition {
  if (!isObject(value))
    throw wrongShape([
      {
        pointer: "",
        message: "must be an object: a workflow, or { definition, environment }",
        hint: "send YAML with content-type: application/yaml",
      },
    ]);
  if (!Object.hasOwn(value, "definition")) return submitted(text, "json", environment);
  const { errors } = checked(schemas, DefinitionEnvelope, value);
  if (errors.length > 0) throw wrongShape(errors);
  const { definition, environment: named } = value as { definition: unknown; environment?: string };
  if (named !== undefined && environment !== undefined && named !== environment)
    throw new HttpProblem(
      "bad-request",
      `the address names environment "${environment}", the body "${named}": name one`,
    );
  return typeof definition === "string"
    ? submitted(definition, "yaml", named ?? environment)
    : submitted(JSON.stringify(definition, null, 2), "json", named ?? environment);
}

function submitted(
  text: string,
  format: "yaml" | "json",
  environment: string = DEFAULT_ENVIRONMENT,
): SubmittedDefinition {
  return { source: { text, format, file: "request" }, environment };
}

function renamed(value: unknown, aliases: Readonly<Record<string, string>>): unknown {
  if (!isObject(value)) return value;
  const copy: Record<string, unknown> = { ...value };
  for (const [alias, name] of Object.entries(aliases)) {
    if (!Object.hasOwn(copy, alias)) continue;
    if (Object.hasOwn(copy, name) && copy[name] !== copy[alias])
      throw wrongShape([
        { pointer: `/${alias}`, message: `another spelling of "${name}", which is there with another value` },
      ]);
    copy[name] = copy[alias];
    delete copy[alias];
  }
  return copy;
}

function wrongShape(errors: NonNullable<HttpProblem["details"]["errors"]>): HttpProblem {
  const [first] = errors;
  const more = errors.length > 1 ? ` (and ${errors.length - 1} more)` : "";
  const where = first?.pointer ? `${first.pointer}: ` : "";
  return new HttpProblem("validation", `${where}${first?.message}${more}`, { errors });
}

function wrongType(route: Route, type: string): HttpProblem {
  const wanted =
    route.bodyKind === "definition" ? "application/json or application/yaml" : "application/json";
  const got = type === "" ? "no content type" : `"${type}"`;
  return new HttpProblem("unsupported-media-type", `this takes ${wanted}; the request has ${got}`, {
    headers: { accept: wanted.replace(" or ", ", ") },
  });
}
