import { TEST_FILE } from "../definition/file-name.ts";

/** What may be in a bundle, by folder. */
const ENDINGS: Readonly<Record<string, readonly string[]>> = {
  agents: [".prompt"],
  "mcp-servers": [".json"],
  workflows: [".workflow.yaml", ".workflow.yml", ".workflow.json", ".test.yaml", ".test.yml", ".test.json"],
};

const RESERVED = /^(?:con|prn|aux|nul|com\d|lpt\d)(?:\.|$)/i;

/** Why a path may not be written into an environment; `null` when it may, on every file system. */
export function pathProblem(path: string): string | null {
  const [folder = "", name, ...deeper] = path.split("/");
  if (path.startsWith("/") || /^[A-Za-z]:/.test(path)) return "is an absolute path";
  if (path.includes("\\")) return "has a backslash";
  if (path.split("/").some((part) => part === ".." || part === ".")) return "leads out of its folder";
  const endings = Object.hasOwn(ENDINGS, folder) ? (ENDINGS[folder] ?? []) : [];
  if (endings.length === 0) return `is in none of ${Object.keys(ENDINGS).join(", ")}`;
  if (name === undefined || name === "" || deeper.length > 0) return `is not a file directly in ${folder}`;
  if (!/^[\p{L}\p{N}_][\p{L}\p{N}\p{M}_ .@+-]*$/u.test(name) || name !== name.normalize("NFC"))
    return "has characters that file names should not have";
  if (RESERVED.test(name)) return "has a name that some systems reserve";
  if (name.length > 200) return "has a name that is too long";
  return endings.some((ending) => name.endsWith(ending) && name.length > ending.length)
    ? null
    : `does not end with ${endings.join(", ")}`;
}

/** What a file of an environment is; `null` for one that nothing is read from, as tests are. */
export function kindOfPath(path: string): "agent" | "mcp-server" | "workflow" | null {
  if (TEST_FILE.test(path)) return null;
  if (path.startsWith("agents/")) return "agent";
  if (path.startsWith("mcp-servers/")) return "mcp-server";
  return path.startsWith("workflows/") ? "workflow" : null;
}

/** A path of which several spellings would be one file on systems that do not tell them apart. */
export function foldedPath(path: string): string {
  return path.normalize("NFC").toLowerCase();
}
