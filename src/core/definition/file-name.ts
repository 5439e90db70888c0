import type { Diagnostic } from "./diagnostic.ts";

/** What the file of a workflow is called. */
export const WORKFLOW_FILE = /\.workflow\.(?:ya?ml|json)$/;

/** Tests stand beside what they test (`stn test`). */
export const TEST_FILE = /\.test\.(?:ya?ml|json)$/;

/**
 * Why a file that was most likely meant for a workflow is not read as one; `null` where it is, or where it is something
 * else. `path` is relative to the environment, with `/`.
 */
export function misnamed(path: string): Diagnostic | null {
  const [, name, ending] = /^workflows\/([^/.][^/]*)\.(ya?ml|json)$/.exec(path) ?? [];
  if (name === undefined || WORKFLOW_FILE.test(path) || TEST_FILE.test(path)) return null;
  return {
    code: "UNREADABLE",
    severity: "warning",
    path: "",
    line: 1,
    column: 1,
    message: "the file is ignored because of its name",
    hint: `rename it to ${name}.workflow.${ending}`,
  };
}
