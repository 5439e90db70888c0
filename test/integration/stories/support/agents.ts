import { cp, mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

/** The environment of the workflows that a story publishes itself. */
export const STORIES = "stories";
/** The project's own workflows, with an error rate that alarms nobody. */
export const CALM = "calm";

const repository = fileURLToPath(new URL("../../../../environments/default", import.meta.url));

const scripts: Readonly<Record<string, string>> = {
  echo: "script: [{ output: { said: '{{ input.task }}' } }]",
  slow: "script: [{ sleep_ms: '{{ input.ms }}' }, { output: { slept: '{{ input.ms }}' } }]",
  failing: "script: [{ error: { code: out_of_order, message: 'no tea today', retryable: false } }]",
  flaky: `script:
  - { attempt: 1, error: { code: no_route, message: no route to host, retryable: true } }
  - { attempt: 2, error: { code: no_route, message: no route to host, retryable: true } }
  - { output: { attempts: 3 } }`,
  // Whoever calls it is told so by another error than the one the schema gives.
  counter: `input: { schema: { type: object, properties: { count: { type: integer } }, required: [count] } }
script: [{ error: { code: was_called, retryable: false } }]`,
  liar: `output: { schema: { type: object, properties: { severity: { enum: [low, high] } }, required: [severity] } }
script: [{ output: { severity: purple } }]`,
};

/** A directory as somebody would run Station in: the project's environments, and those of the stories. */
export async function writeDirectory(): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), "station-stories-"));
  const environments = join(directory, "environments");
  await cp(repository, join(environments, "default"), { recursive: true });
  await cp(repository, join(environments, CALM), { recursive: true });
  const analyzer = join(environments, CALM, "agents", "slo-analyzer.prompt");
  await writeFile(analyzer, (await readFile(analyzer, "utf8")).replace("default: 0.083", "default: 0.004"));
  const agents = join(environments, STORIES, "agents");
  await mkdir(agents, { recursive: true });
  for (const [name, script] of Object.entries(scripts))
    await writeFile(
      join(agents, `${name}.prompt`),
      `---\nmodel: station/script\nmetadata: { name: ${name} }\n${script}\n---\n{{userInput}}\n`,
    );
  return directory;
}

/** Deletes it with everything in it. */
export async function removeDirectory(directory: string): Promise<void> {
  await rm(directory, { recursive: true, force: true });
}
