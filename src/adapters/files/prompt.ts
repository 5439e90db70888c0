import { createHash } from "node:crypto";
import { type AgentDefinition, aliasesOf } from "../../core/definition/agent.ts";
import {
  type Diagnostic,
  hasErrors,
  type Issue,
  type Locate,
  placed,
} from "../../core/definition/diagnostic.ts";
import { readAgentFile } from "../../core/definition/normalise/agent-file.ts";
import { parseSource } from "./yaml.ts";

export type ReadPrompt = {
  /** `null` when the file cannot be used. */
  readonly agent: AgentDefinition | null;
  readonly diagnostics: readonly Diagnostic[];
};

/**
 * Reads an agent's `.prompt` file: YAML frontmatter between two `---` lines and the prompt below. Blank and comment
 * lines may come first; a frontmatter that is missing or never closed is an error, not a prompt.
 */
export function readPrompt(source: {
  readonly text: string;
  /** Path within the environment: `agents/pod-checker.prompt`. */
  readonly file: string;
  readonly environment: string;
}): ReadPrompt {
  const { file, environment } = source;
  const text = source.text.startsWith("\uFEFF") ? source.text.slice(1) : source.text;
  const parts = split(text);
  if ("problem" in parts) return { agent: null, diagnostics: [parts.problem] };
  const { frontmatter, firstLine, body, bodyLine } = parts;
  const parsed = parseSource(frontmatter, "yaml");
  const shift = <At extends { readonly line: number }>(at: At): At => ({
    ...at,
    line: at.line + firstLine - 1,
  });
  const locate: Locate = (path, on, offset) => shift(parsed.locate(path, on, offset));
  if (parsed.value === undefined) return { agent: null, diagnostics: parsed.diagnostics.map(shift) };

  const fileName = file.replace(/^.*\//, "").replace(/\.prompt$/, "");
  const issues: Issue[] = [];
  const { pointers, ...read } = readAgentFile(parsed.value, fileName, { issues });
  const found = placed(issues, locate);
  const empty = body.trim() === "" && read.script === undefined;
  const diagnostics = empty
    ? [...found, syntaxAt(firstLine, "the file has no prompt below its frontmatter")]
    : found;
  if (hasErrors(diagnostics)) return { agent: null, diagnostics };
  const agent: AgentDefinition = {
    ...read,
    schemasAt: Object.fromEntries(Object.entries(pointers).map(([key, path]) => [key, keyAt(locate, path)])),
    aliases: aliasesOf(read.name, fileName),
    file,
    environment,
    checksum: createHash("sha256").update(source.text).digest("hex"),
    body,
    bodyLine,
    warnings: diagnostics,
  };
  return { agent, diagnostics };
}

function keyAt(locate: Locate, path: string) {
  const { line, column, endColumn } = locate(path, "key");
  return { path, line, column, ...(endColumn !== undefined && { endColumn }) };
}

type Parts = {
  readonly frontmatter: string;
  readonly firstLine: number;
  readonly body: string;
  readonly bodyLine: number;
};

function split(text: string): Parts | { readonly problem: Diagnostic } {
  const lines = text.split("\n");
  const isFence = (line: string | undefined) => line !== undefined && /^---\s*$/.test(line);
  const open = lines.findIndex((line) => !/^\s*(#.*)?$/.test(line));
  if (open === -1 || !isFence(lines[open]))
    return { problem: syntaxAt(Math.max(1, open + 1), "the file must start with frontmatter: a line ---") };
  const length = lines.slice(open + 1).findIndex(isFence);
  if (length === -1) return { problem: syntaxAt(open + 1, "the frontmatter is never closed by a line ---") };
  return {
    frontmatter: `${lines.slice(open + 1, open + 1 + length).join("\n")}\n`,
    firstLine: open + 2,
    body: lines.slice(open + 2 + length).join("\n"),
    bodyLine: open + 3 + length,
  };
}

function syntaxAt(line: number, message: string): Diagnostic {
  return { code: "SYNTAX", severity: "error", path: "", line, column: 1, message };
}
