import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";

/** A fenced block of commands in a guide. */
export type Block = { readonly guide: string; readonly line: number; readonly text: string };

/** Every block marked `sh` of every page under version control, in the order in which it is read. */
export function blocksOf(root: string): readonly Block[] {
  const listed = execFileSync("git", ["ls-files", "*.md"], { cwd: root, encoding: "utf8" });
  return listed
    .trim()
    .split("\n")
    .flatMap((guide) => {
      const text = readFileSync(join(root, guide), "utf8");
      return [...text.matchAll(/^```sh\n(.*?)^```$/gms)].map((found) => ({
        guide,
        line: text.slice(0, found.index).split("\n").length,
        text: found[1] as string,
      }));
    });
}
