import { expect, it } from "vitest";
import { codeSamplesOf, variableOf } from "../http/code-samples.ts";
import { routeList } from "../http/contract.ts";
import { stnCommands } from "../http/stn-commands.ts";
import type { CliDeps } from "./deps.ts";
import { EXIT } from "./errors.ts";
import { memoryContexts } from "./memory-contexts.ts";
import { createProgram } from "./program.ts";
import { memoryTerminal } from "./terminal/memory-terminal.ts";

/** What the variables of samples stand for: ids in full, which nobody has to look up. */
const KNOWN: Readonly<Record<string, string>> = {
  RUN_ID: `run_${"0".repeat(26)}`,
  APPROVAL_ID: `apr_${"0".repeat(26)}`,
  HOOK_ID: `hook_${"0".repeat(26)}`,
  VERSION: "2",
};
const meaningOf = (variable: string) => KNOWN[variable] ?? variable.toLowerCase();

/** The exit code of a command line, and what it asks a server for first that cannot be reached. */
async function typed(line: string) {
  const words = [...line.matchAll(/'([^']*)'|"\$(\w+)"|(\S+)/g)].map(
    ([, quoted, variable, plain]) => quoted ?? plain ?? meaningOf(variable ?? ""),
  );
  const asked: string[] = [];
  const deps: Partial<CliDeps> = {
    terminal: memoryTerminal({}),
    version: "0.1.0",
    server: { ok: true, url: "http://station", isGiven: true, apiKey: "key" },
    contexts: memoryContexts(),
    project: () => null,
    now: () => 0,
    cwd: "/",
    interrupt: new AbortController().signal,
    backups: { source: () => ({ kind: "none", name: "" }) } as Partial<
      CliDeps["backups"]
    > as CliDeps["backups"],
    fetch: async (input, init) => {
      const request = new Request(input, init);
      asked.push(`${request.method} ${new URL(request.url).pathname}`);
      throw new TypeError("fetch failed", { cause: Object.assign(new Error(), { code: "ECONNREFUSED" }) });
    },
  };
  const code = await createProgram(deps as CliDeps).run(words.slice(1));
  return { code, first: asked[0] ?? "nothing" };
}

it("every command that the API's document shows beside an operation asks for it, or first for what it is about", async () => {
  const shown: string[] = [];
  for (const [name, route] of routeList)
    for (const { label, source } of codeSamplesOf(name, route)) {
      if (label !== "stn") continue;
      const { code, first } = await typed(source);
      const path = route.path.replace(/\{(\w+)\}/g, (_all, param) => meaningOf(variableOf(route, param)));
      const about = /^GET (.+)$/.exec(first)?.[1];
      expect(code, source).toBe(EXIT.unreachable);
      if (about === undefined || !path.startsWith(about))
        expect(first).toBe(`${route.method.toUpperCase()} ${path}`);
      shown.push(name);
    }
  expect(shown.sort()).toEqual(Object.keys(stnCommands).sort());
});
