import { readFile, realpath } from "node:fs/promises";
import { join, sep } from "node:path";
import { hasErrors, type Issue, placed } from "../../core/definition/diagnostic.ts";
import { readMcpServers, readVariables } from "../../core/definition/mcp/read-servers.ts";
import type { McpProblem, McpServer, McpServers } from "../../core/definition/mcp/server.ts";
import { decodeText } from "./decode.ts";
import {
  beside,
  type EnvironmentFile,
  isEnvironmentName,
  MISPLACED_SERVERS,
  readEnvironment,
} from "./environments.ts";
import { fileVersion, folderVersion } from "./folder-version.ts";
import { parseSource } from "./yaml.ts";

const VARIABLES_FILES = ["variables.yml", "variables.yaml"];

/**
 * Reads the MCP servers of one environment, of its folder and of the files that were `installed` beside it, and the
 * variables for them; a broken file never hides the others.
 */
export async function loadMcpServers(
  root: string,
  environment: string,
  installed: readonly EnvironmentFile[] = [],
): Promise<McpServers> {
  if (!isEnvironmentName(environment)) return { servers: [], variables: {}, problems: [] };
  const folder = join(root, environment);
  const files = beside(
    await readEnvironment(folder, ["mcp-server"]),
    installed.filter(({ kind }) => kind === "mcp-server"),
  );
  const read = files.map((file) =>
    "problem" in file
      ? { servers: [], problems: [{ ...file.problem, file: file.path }] }
      : readMcpServersFile(file.text, file.path),
  );
  const { servers, problems } = withoutDoubles(read.flatMap((file) => file.servers));
  const { variables, problems: inVariables } = await loadVariables(folder);
  return {
    servers,
    variables,
    problems: [...read.flatMap((file) => file.problems), ...problems, ...inVariables],
  };
}

/** Changes whenever `loadMcpServers` would answer otherwise; much cheaper. */
export async function mcpFilesVersion(root: string, environment: string): Promise<string> {
  if (!isEnvironmentName(environment)) return "";
  const folder = join(root, environment);
  const files = await folderVersion(join(folder, "mcp-servers"));
  const others = [...VARIABLES_FILES, MISPLACED_SERVERS].map((name) => fileVersion(join(folder, name)));
  return [files, ...(await Promise.all(others))].join("\n");
}

type ReadServers = { readonly servers: readonly McpServer[]; readonly problems: readonly McpProblem[] };

/** Reads one file of MCP servers by itself. */
export function readMcpServersFile(text: string, file: string): ReadServers {
  const { value, diagnostics, locate } = parseSource(text, "json");
  const issues: Issue[] = [];
  const servers = value === undefined ? [] : readMcpServers(value, { file, report: { issues }, locate });
  const problems = [...diagnostics, ...placed(issues, locate)];
  return { servers, problems: problems.map((problem) => ({ ...withoutValues(problem), file })) };
}

/** What somebody wrote in these files may be a secret, also where it does not belong. */
function withoutValues<P extends { readonly actual?: unknown; readonly message: string }>(problem: P): P {
  const { actual: _, ...rest } = problem;
  return rest as P;
}

/** Two servers of one name: which is meant would be chance, so neither is there. */
function withoutDoubles(found: readonly McpServer[]): ReadServers {
  const byName = Map.groupBy(found, ({ name }) => name);
  const doubles = [...byName.values()].filter((same) => same.length > 1);
  const problems = doubles.flatMap((same) =>
    same.map(({ name, file, place }): McpProblem => {
      const others = new Set(same.map((one) => one.file).filter((other) => other !== file));
      return {
        code: "DUPLICATE_NAME",
        severity: "error",
        path: "",
        ...place,
        message: `MCP server "${name}" is also defined ${others.size === 0 ? "elsewhere in this file" : `by ${[...others].join(" and ")}`}`,
        hint: "rename one of them",
        file,
      };
    }),
  );
  return { servers: found.filter(({ name }) => byName.get(name)?.length === 1), problems };
}

async function loadVariables(folder: string): Promise<Pick<McpServers, "variables" | "problems">> {
  for (const file of VARIABLES_FILES) {
    const bytes = await readInside(folder, file);
    if (bytes === null) continue;
    if (!(bytes instanceof Uint8Array)) return { variables: {}, problems: [bytes] };
    const decoded = decodeText(bytes);
    if ("problem" in decoded) return { variables: {}, problems: [{ ...decoded.problem, file }] };
    const { value, diagnostics, locate } = parseSource(decoded.text, "yaml");
    const issues: Issue[] = [];
    const variables = value === undefined ? {} : readVariables(value, { issues });
    const problems = [...diagnostics, ...placed(issues, locate)];
    return {
      variables: hasErrors(diagnostics) ? {} : variables,
      problems: problems.map((problem) => ({ ...withoutValues(problem), file })),
    };
  }
  return { variables: {}, problems: [] };
}

/** `null` when there is no such file; a problem when it may not be read. */
async function readInside(folder: string, file: string): Promise<Uint8Array | McpProblem | null> {
  const problem = (message: string): McpProblem => ({
    code: "UNREADABLE",
    severity: "error",
    path: "",
    line: 1,
    column: 1,
    message,
    file,
  });
  try {
    const root = await realpath(folder);
    const real = await realpath(join(root, file));
    if (!real.startsWith(root + sep)) return problem("the link leads out of the environment");
    return await readFile(real);
  } catch (error) {
    const code = error instanceof Error && "code" in error ? error.code : undefined;
    if (code === "ENOENT") return null;
    return problem(`it cannot be read (${String(code)})`);
  }
}
