import type { JsonObject } from "../../../core/json.ts";

export type Start = {
  readonly workflowId: string;
  readonly environment: string | undefined;
  /** Undefined: whichever is the current one. */
  readonly version?: number | undefined;
  readonly input: JsonObject;
};

export type Server = {
  readonly origin: string;
  /** The server asks who is calling: a key comes along, out of `STATION_API_KEY`. */
  readonly asksWho: boolean;
};

/** The same start in each of the ways there are beside this page. */
export function commandsOf(
  server: Server,
  start: Start,
): readonly { readonly name: string; readonly text: string }[] {
  return [
    { name: "curl", text: asCurl(server, start) },
    { name: "stn", text: asStn(start) },
    { name: "TypeScript", text: asTypeScript(server, start) },
  ];
}

/** A line for a shell, by HTTP. */
export function asCurl({ origin, asksWho }: Server, start: Start): string {
  const key = asksWho ? ' -H "authorization: Bearer $STATION_API_KEY"' : "";
  const body = quoted(JSON.stringify(bodyOf(start)));
  return `curl -X POST ${quoted(addressAt(origin))}${key} -H 'content-type: application/json' -d ${body}`;
}

/** A line for a shell, by `stn`. */
export function asStn({ workflowId, environment, version, input }: Start): string {
  const where = environment === undefined ? "" : ` --env ${quoted(environment)}`;
  const which = version === undefined ? "" : ` --version ${version}`;
  return `stn run ${quoted(workflowId)}${where}${which} --input-json ${quoted(JSON.stringify(input))}`;
}

/** A few lines of TypeScript that need nothing but `fetch`. */
export function asTypeScript({ origin, asksWho }: Server, start: Start): string {
  const key = asksWho ? ["    authorization: `Bearer $" + "{process.env.STATION_API_KEY}`,"] : [];
  return [
    `const response = await fetch(${JSON.stringify(addressAt(origin))}, {`,
    '  method: "POST",',
    "  headers: {",
    '    "content-type": "application/json",',
    ...key,
    "    // The same key again starts no second run.",
    '    "idempotency-key": crypto.randomUUID(),',
    "  },",
    `  body: JSON.stringify(${JSON.stringify(bodyOf(start), null, 2).replaceAll("\n", "\n  ")}),`,
    "});",
    "if (!response.ok) throw new Error(await response.text());",
    "const { runId } = await response.json();",
  ].join("\n");
}

function addressAt(origin: string): string {
  return `${origin}/api/v1/workflow-runs`;
}

function bodyOf({ workflowId, environment, version, input }: Start) {
  return {
    workflowId,
    ...(environment !== undefined && { environment }),
    ...(version !== undefined && { version }),
    input,
  };
}

/** A word that a shell takes as it is. */
function quoted(text: string): string {
  return /^[\w.-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`;
}
