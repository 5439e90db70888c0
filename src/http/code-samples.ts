import { isList, isObject, type JsonValue } from "../core/json.ts";
import type { RouteName } from "./contract.ts";
import type { Route } from "./routes/route.ts";
import { stnCommands } from "./stn-commands.ts";

/** A way to ask for an operation, as viewers of OpenAPI documents read it (`x-codeSamples`). */
type CodeSample = { readonly lang: string; readonly label: string; readonly source: string };

/**
 * How an operation is asked for with curl, `stn` (where it has a command for it) and TypeScript. All three find the
 * server, the key and ids in the environment, under the same names; what may be left out is left out.
 */
export function codeSamplesOf(name: RouteName, route: Route): CodeSample[] {
  const asked = askedOf(route);
  const command = stnCommands[name];
  return [
    { lang: "Shell", label: "curl", source: curlOf(asked) },
    ...(command === undefined ? [] : [{ lang: "Shell", label: "stn", source: stnOf(command, route) }]),
    { lang: "TypeScript", label: "TypeScript", source: typeScriptOf(asked) },
  ];
}

/** The first example of a route's body; `undefined` where a request needs none. */
export function exampleOf({ body }: Route): JsonValue | undefined {
  return (body as { readonly examples?: readonly JsonValue[] } | undefined)?.examples?.[0];
}

/** A request with `{VARIABLE}` for what the environment knows, and what is done with the answer. */
type Asked = {
  readonly note: string | null;
  readonly method: string;
  readonly address: string;
  readonly headers: readonly (readonly [name: string, value: string])[];
  readonly body: { readonly file: string } | { readonly json: JsonValue } | null;
  readonly answer: "json" | "text" | "stream" | "status" | "location" | { readonly file: string };
};

const NOTE = "It also needs the signature that the hook's scheme asks for.";
const DEFINITION = "restart-service.workflow.yaml";

function askedOf(route: Route): Asked {
  const isDefinition = route.bodyKind === "definition";
  const example = exampleOf(route);
  const path = route.path.replace(/\{(\w+)\}/g, (_all, name: string) => `{${variableOf(route, name)}}`);
  return {
    note: route.bodyKind === "raw" ? NOTE : null,
    method: route.method.toUpperCase(),
    address: `{STATION_URL}${path}`,
    headers: [
      ...(route.isPublic ? [] : [["Authorization", "Bearer {STATION_API_KEY}"] as const]),
      ...(isDefinition ? [["Content-Type", "application/yaml"] as const] : []),
      ...(example === undefined ? [] : [["Content-Type", "application/json"] as const]),
    ],
    body: isDefinition ? { file: DEFINITION } : example === undefined ? null : { json: example },
    answer: answerOf(route),
  };
}

const ANSWERS: Readonly<Record<NonNullable<Route["media"]>, Asked["answer"]>> = {
  "application/zip": { file: "evidence.zip" },
  "application/vnd.sqlite3": { file: "backup.db" },
  "text/event-stream": "stream",
  "text/plain": "text",
};

function answerOf({ media, ok: [status, schema] }: Route): Asked["answer"] {
  if (status >= 300) return "location";
  if (schema === null) return "status";
  return media === undefined ? "json" : ANSWERS[media];
}

/** `RUN_ID` for `{runId}`; what is only called a name or an id, after what it is of: `SCHEDULE_NAME`. */
export function variableOf({ path }: Route, name: string): string {
  const [, whole = ""] = new RegExp(`([\\w-]+)s/\\{${name}\\}`).exec(path) ?? [];
  const words = /^(?:id|name|code)$/.test(name) ? `${whole}_${name}` : name;
  return words
    .replace(/([a-z])([A-Z])/g, "$1_$2")
    .replaceAll("-", "_")
    .toUpperCase();
}

function curlOf({ note, method, address, headers, body, answer }: Asked): string {
  const filled = (text: string) => `"${text.replace(/\{(\w+)\}/g, "$$$1")}"`;
  const parts = [
    `curl -sS --fail-with-body ${filled(address)}`,
    ...(method === "GET" ? [] : [`-X ${method}`]),
    ...headers.map(([name, value]) => `-H ${filled(`${name}: ${value}`)}`),
    ...(body === null
      ? []
      : ["file" in body ? `--data-binary @${body.file}` : `-d ${word(textOf(body.json))}`]),
    ...(answer === "stream" ? ["--no-buffer"] : []),
    ...(answer === "location" ? ["--include"] : []),
    ...(typeof answer === "object" ? [`-o ${answer.file}`] : []),
  ];
  return [...(note === null ? [] : [`# ${note}`]), parts.join(" \\\n  ")].join("\n");
}

function stnOf(command: string, route: Route): string {
  const words = command.replace(/\{([\w.]+)\}/g, (_all, name: string) =>
    route.params && name in route.params.properties
      ? `"$${variableOf(route, name)}"`
      : word(textOf(valueAt(exampleOf(route), name.split(".")))),
  );
  return `stn ${words}`;
}

function valueAt(value: JsonValue | undefined, [key, ...rest]: readonly string[]): JsonValue {
  if (value === undefined) throw new Error(`the example has no ${key}`);
  if (key === undefined) return value;
  const inner = isList(value) ? value[Number(key)] : isObject(value) ? value[key] : undefined;
  return valueAt(inner, rest);
}

function textOf(value: JsonValue): string {
  return typeof value === "string" ? value : JSON.stringify(value);
}

/** One word of a shell's command line. */
function word(text: string): string {
  return /^[\w.:/@-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;
}

function typeScriptOf({ note, method, address, headers, body, answer }: Asked): string {
  const variables = [...headers.map(([, value]) => value), address].flatMap((text) =>
    [...text.matchAll(/\{(\w+)\}/g)].map(([, name]) => name),
  );
  const fields = headers.map(([name, value]) => `${keyOf(name)}: ${literal(value)}`);
  const options = [
    ...(method === "GET" ? [] : [`method: "${method}"`]),
    ...(answer === "location" ? ['redirect: "manual"'] : []),
    ...(fields.length === 0 ? [] : [`headers: { ${fields.join(", ")} }`]),
    ...(body === null
      ? []
      : [
          `body: ${"file" in body ? `await readFile("${body.file}")` : `JSON.stringify(${written(body.json)})`}`,
        ]),
  ].map((option) => `  ${option},\n`);
  const files = [
    ...(body !== null && "file" in body ? ["readFile"] : []),
    ...(typeof answer === "object" ? ["writeFile"] : []),
  ];
  return [
    ...(files.length === 0 ? [] : [`import { ${files.join(", ")} } from "node:fs/promises";\n`]),
    ...(note === null ? [] : [`// ${note}`]),
    `const { ${variables.join(", ")} } = process.env;`,
    `const response = await fetch(${literal(address)}${options.length === 0 ? "" : `, {\n${options.join("")}}`});`,
    ...(answer === "location" ? [] : ["if (!response.ok) throw new Error(await response.text());"]),
    handlingOf(answer),
  ].join("\n");
}

/** As a literal: a template where something of the environment stands in it. */
function literal(text: string): string {
  return text.includes("{") ? `\`${text.replaceAll("{", "${")}\`` : JSON.stringify(text);
}

/** JSON as it is written in a program. */
function written(json: JsonValue): string {
  if (isList(json)) return `[${json.map(written).join(", ")}]`;
  if (!isObject(json)) return JSON.stringify(json);
  const fields = Object.entries(json).map(([key, value]) => `${keyOf(key)}: ${written(value)}`);
  return `{ ${fields.join(", ")} }`;
}

function keyOf(key: string): string {
  return /\W/.test(key) ? JSON.stringify(key) : key;
}

function handlingOf(answer: Asked["answer"]): string {
  if (typeof answer === "object")
    return `await writeFile("${answer.file}", new Uint8Array(await response.arrayBuffer()));`;
  switch (answer) {
    case "json":
      return "console.log(await response.json());";
    case "text":
      return "console.log(await response.text());";
    case "stream":
      return "for await (const part of response.body!.pipeThrough(new TextDecoderStream())) console.log(part);";
    case "status":
      return "console.log(response.status);";
    case "location":
      return 'console.log(response.headers.get("location"));';
  }
}
