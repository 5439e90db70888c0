import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { packageFolderOf } from "./packages.ts";

const TEXTS = /^(?:licen[cs]e|copying|notice)(?:[.-]|$)/i;

/**
 * What the licences of the packages that these files are from want to be passed on with their code: the texts as they
 * lie in each package, which name who holds the rights, below all packages that have the same. Our own files are
 * passed over.
 */
export async function noticesOf(root: string, files: Iterable<string>): Promise<string> {
  const folders = new Set([...files].map(packageFolderOf).filter((folder) => folder !== null));
  const notices = await Promise.all([...folders].sort().map((folder) => noticeOf(join(root, folder))));
  return [...Map.groupBy(notices, ({ text }) => text)]
    .map(([text, packages]) => [...new Set(packages.map(({ title }) => title)), text].join("\n"))
    .join("\n");
}

async function noticeOf(folder: string): Promise<{ readonly title: string; readonly text: string }> {
  const { name, version, license } = JSON.parse(await readFile(join(folder, "package.json"), "utf8"));
  const names = (await readdir(folder)).filter((file) => TEXTS.test(file)).sort();
  const texts = await Promise.all(names.map((file) => readFile(join(folder, file), "utf8")));
  return {
    title: `== ${name} ${version}, ${license} ==`,
    text: ["", ...texts.map((text) => text.trim()), ""].join("\n\n"),
  };
}
