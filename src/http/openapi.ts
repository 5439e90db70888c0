import type { JsonObject, JsonValue } from "../core/json.ts";
import { codeSamplesOf } from "./code-samples.ts";
import { type RouteName, routeList } from "./contract.ts";
import type { Route } from "./routes/route.ts";
import { Problem, type ProblemKind, problemKinds } from "./schemas/problem.ts";

type Json = Record<string, JsonValue>;

const EVERYWHERE: readonly ProblemKind[] = ["bad-request", "internal"];
const BEHIND_AUTH: readonly ProblemKind[] = ["unauthenticated", "forbidden", "rate-limited", "unavailable"];
/** What belongs to an environment that the caller may not see. */
const HIDDEN: readonly ProblemKind[] = ["not-found"];
/** A body may come whether or not it is wanted; how large it is, is looked at first. */
const UNASKED_BODY: readonly ProblemKind[] = ["too-large"];
const WITH_BODY: readonly ProblemKind[] = ["unsupported-media-type", "validation"];

/** Every kind of problem a route can answer with. */
export function problemsOf(route: Route): readonly ProblemKind[] {
  return [
    ...new Set([
      ...EVERYWHERE,
      ...(route.isPublic ? [] : BEHIND_AUTH),
      ...(route.environment === undefined ? [] : HIDDEN),
      ...(route.method === "get" ? [] : UNASKED_BODY),
      ...(route.body ? WITH_BODY : []),
      ...route.problems,
    ]),
  ];
}

/** The OpenAPI 3.1.1 document of the whole table; schemas with a title become components. */
export function openApiDocument(): JsonObject {
  const components = new Components();
  const paths: Record<string, Json> = {};
  for (const [name, route] of routeList) {
    const operation = operationOf(name, route, components);
    paths[route.path] = { ...paths[route.path], [route.method]: operation };
    if (route.alias)
      paths[route.alias] = {
        ...paths[route.alias],
        [route.method]: {
          ...operation,
          operationId: `${name}Alias`,
          deprecated: true,
          "x-codeSamples": codeSamplesOf(name, { ...route, path: route.alias }),
        },
      };
  }
  return {
    openapi: "3.1.1",
    info: {
      title: "Station",
      version: "1.0.0",
      description: "Durable, auditable workflows. Errors are RFC 9457 problems; lists are paged by cursor.",
      license: { name: "Apache-2.0", identifier: "Apache-2.0" },
    },
    servers: [{ url: "/" }],
    security: [{ bearer: [] }],
    tags: [...new Set(routeList.map(([, { tag }]) => tag))].map((name) => ({ name })),
    paths,
    components: {
      schemas: components.schemas,
      securitySchemes: { bearer: { type: "http", scheme: "bearer" } },
    },
  };
}

function operationOf(name: RouteName, route: Route, components: Components): Json {
  const { summary, description, tag, isPublic, needs } = route;
  return {
    operationId: name,
    summary,
    ...(description !== undefined && { description }),
    tags: [tag],
    security: isPublic ? [] : [{ bearer: needs === undefined || needs === "identity" ? [] : [needs] }],
    parameters: parametersOf(route, components),
    ...(route.body && { requestBody: requestBodyOf(route, components) }),
    responses: { ...successOf(route, components), ...failuresOf(route, components) },
    "x-codeSamples": codeSamplesOf(name, route),
  };
}

function parametersOf(route: Route, components: Components): Json[] {
  const of = (place: "path" | "query" | "header", schema: Route["query"]): Json[] =>
    Object.entries(schema?.properties ?? {}).map(([name, property]) => {
      const plain = components.plain(property) as Json;
      const isRequired = schema?.required?.includes(name) === true && !("default" in plain);
      return { name, in: place, required: place === "path" || isRequired, schema: plain };
    });
  const key: Json = {
    name: "Idempotency-Key",
    in: "header",
    required: false,
    description: "Makes a repeated request safe: the same key, the same effect, once",
    schema: { type: "string", minLength: 1, maxLength: 255 },
  };
  return [
    ...of("path", route.params),
    ...of("query", route.query),
    ...of("header", route.headers),
    ...(route.method === "post" && !route.isAnew ? [key] : []),
  ];
}

function requestBodyOf(route: Route, components: Components): Json {
  const schema = components.plain(route.body);
  const yaml = { "application/yaml": { schema: { type: "string" } } };
  const form = { "application/x-www-form-urlencoded": { schema: { type: "object" } } };
  return {
    required: route.bodyKind !== "optional",
    content: {
      "application/json": { schema },
      ...(route.bodyKind === "definition" && yaml),
      ...(route.bodyKind === "raw" && form),
    },
  };
}

function successOf(route: Route, components: Components): Json {
  const [status, schema] = route.ok;
  const stopped = { 204: { description: "The run has ended and its last event is known: stop asking" } };
  if (!schema) return { [status]: { description: "Done" } };
  const other = route.otherwise && {
    [route.otherwise[0]]: {
      description: "Nothing to be done",
      content: { "application/json": { schema: components.plain(route.otherwise[1]) } },
    },
  };
  return {
    ...other,
    [status]: {
      description: "Done",
      content: { [route.media ?? "application/json"]: { schema: components.plain(schema) } },
    },
    ...(route.path.endsWith("{runId}/stream") && stopped),
  };
}

function failuresOf(route: Route, components: Components): Json {
  const byStatus = Map.groupBy(problemsOf(route), (kind) => problemKinds[kind].status);
  const content = { "application/problem+json": { schema: components.plain(Problem) } };
  return Object.fromEntries(
    [...byStatus]
      .sort(([a], [b]) => a - b)
      .map(([status, kinds]) => [
        String(status),
        { description: kinds.map((kind) => `\`${kind}\`: ${problemKinds[kind].title}`).join("; "), content },
      ]),
  );
}

/** Collects titled schemas, and puts references in their place. */
class Components {
  readonly schemas: Json = {};

  plain(schema: unknown): JsonValue {
    if (Array.isArray(schema)) return schema.map((item) => this.plain(item));
    if (typeof schema !== "object" || schema === null) return schema as JsonValue;
    const said = asGeneratorsRead(schema) as { readonly title?: unknown };
    const { title, ...rest } = said;
    if (typeof title !== "string") return this.#each(said); // a list of properties may have one of this name
    if (!Object.hasOwn(this.schemas, title)) {
      this.schemas[title] = {}; // a schema may contain itself
      this.schemas[title] = this.#each(rest);
    }
    return { $ref: `#/components/schemas/${title}` };
  }

  #each(schema: object): JsonValue {
    return Object.fromEntries(Object.entries(schema).map(([key, value]) => [key, this.plain(value)]));
  }
}

/** Generators of clients make a map of `additionalProperties` only, and an enumeration only of what has a type. */
function asGeneratorsRead(schema: object): object {
  const { patternProperties, ...rest } = schema as { readonly patternProperties?: object };
  const [[pattern, value] = [], ...more] = Object.entries(patternProperties ?? {});
  if (pattern === "^.*$" && more.length === 0) return { ...rest, additionalProperties: value };
  const { enum: values } = schema as { readonly enum?: unknown };
  const isOfTexts = Array.isArray(values) && values.every((one) => typeof one === "string");
  return isOfTexts ? { type: "string", ...schema } : schema;
}
