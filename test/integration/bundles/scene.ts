import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { zipArchive } from "../../../src/adapters/bundles/zip.ts";
import { createBundle } from "../../../src/engine/bundle/bundle.ts";
import { text } from "../prd/prd-station.ts";

export type Files = Readonly<Record<string, string>>;

/** An agent that answers with one word. */
export const says = (name: string, word: string) => text(name, { script: `[{ output: ${word} }]` });

/** A workflow that asks one agent. */
export const asks = (id: string, agent: string) =>
  `id: ${id}\nstates:\n  - { name: ask, type: operation, action: agent.run, agent: ${agent}, end: true }\n`;

export const TRIAGE: Files = {
  "agents/greeter.prompt": says("greeter", "hello"),
  "workflows/greet.workflow.yaml": asks("greet", "greeter"),
  "workflows/greet-again.workflow.yaml": asks("greet-again", "greeter"),
};

/** A bundle as `stn bundle create` makes it, in base64. */
export async function bundleOf(
  files: Files,
  { name = "triage", version = "1.0.0", key = null as string | null } = {},
): Promise<string> {
  const entries = Object.entries(files).map(([path, content]) => ({ path, bytes: Buffer.from(content) }));
  const { bytes } = await createBundle(zipArchive, { name, version, description: "for tests" }, entries, key);
  return Buffer.from(bytes).toString("base64");
}

/** A new directory with an environment of these files. */
export async function environmentWith(files: Files = {}) {
  const directory = await mkdtemp(join(tmpdir(), "station-bundles-"));
  const home = join(directory, "environments/default");
  await mkdir(home, { recursive: true });
  for (const [path, content] of Object.entries(files)) {
    await mkdir(dirname(join(home, path)), { recursive: true });
    await writeFile(join(home, path), content);
  }
  return { directory, home, remove: () => rm(directory, { recursive: true, force: true }) };
}
