import { closest } from "../suggest.ts";

/** A tool of one server, as it is to be told from all others. */
export type OfferedTool = { readonly server: string; readonly tool: string };

/** What an agent's file means by one of its tool names. */
export type Meaning =
  | { readonly kind: "found"; readonly tools: readonly OfferedTool[] }
  /** Several servers offer it; `spellings` say which is meant. */
  | { readonly kind: "ambiguous"; readonly spellings: readonly string[] }
  | { readonly kind: "missing"; readonly hint: string | null };

/**
 * What a tool name of an agent's file means: `tool`, `__tool`, `server__tool` or `mcp__server__tool` (as the
 * original's files have it), `server.tool`, `server/tool` and `server/*`. A tool's own name is tried first, as it is.
 */
export function meaningOf(written: string, offered: readonly OfferedTool[]): Meaning {
  const name = written.replace(/^mcp__/, "").replace(/^__/, "");
  const exact = offered.filter(({ tool }) => tool === written || tool === name);
  if (exact.length > 0) return oneOf(exact);
  const servers = longestFirst(new Set(offered.map(({ server }) => server)));
  for (const server of servers)
    for (const separator of ["/", ".", "__"]) {
      if (!name.startsWith(`${server}${separator}`)) continue;
      const rest = name.slice(server.length + separator.length);
      const own = offered.filter((one) => one.server === server && (rest === "*" || one.tool === rest));
      if (own.length > 0) return { kind: "found", tools: own };
      if (rest === "*") return { kind: "found", tools: [] };
      const near = closest(
        rest,
        offered.filter((one) => one.server === server).map(({ tool }) => tool),
      );
      return { kind: "missing", hint: near === null ? null : `did you mean "${server}${separator}${near}"?` };
    }
  return { kind: "missing", hint: hintFor(name, offered, servers) };
}

/** The server a name is bound to by the way it is written; `null` when it could be any. */
export function serverOf(written: string, servers: readonly string[]): string | null {
  const name = written.replace(/^mcp__/, "").replace(/^__/, "");
  return (
    longestFirst(servers).find((server) =>
      ["/", ".", "__"].some((separator) => name.startsWith(server + separator)),
    ) ?? null
  );
}

/** How a tool is written so that it can be no other. */
export function fullName({ server, tool }: OfferedTool): string {
  return `${server}.${tool}`;
}

/** `kube.prod.get` is meant for the server `kube.prod`, not for `kube`. */
function longestFirst(servers: Iterable<string>): readonly string[] {
  return [...servers].sort((a, b) => b.length - a.length);
}

function oneOf(tools: readonly OfferedTool[]): Meaning {
  // A server may list a tool twice.
  const spellings = [...new Set(tools.map(fullName))];
  return spellings.length === 1
    ? { kind: "found", tools: tools.slice(0, 1) }
    : { kind: "ambiguous", spellings };
}

function hintFor(name: string, offered: readonly OfferedTool[], servers: readonly string[]): string | null {
  const near = closest(name, [...offered.map(({ tool }) => tool), ...offered.map(fullName)]);
  if (near !== null) return `did you mean "${near}"?`;
  const server = closest(name.split(/[./]/)[0] ?? "", servers);
  return server === null ? null : `did you mean "${server}/*"?`;
}
