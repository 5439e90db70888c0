import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { describe, expect, it } from "vitest";
import type { CliDeps } from "./deps.ts";
import { memoryContexts } from "./memory-contexts.ts";
import { createProgram } from "./program.ts";
import { memoryTerminal } from "./terminal/memory-terminal.ts";

type Answers = Readonly<Record<string, unknown>>;

/** What `stn` writes to a server that has these answers; every other request finds nobody there. */
async function stn(argv: readonly string[], answers: Answers = {}) {
  const terminal = memoryTerminal();
  const asked: string[] = [];
  const deps: Partial<CliDeps> = {
    terminal,
    version: "0.1.0",
    server: { ok: true, url: "http://station", isGiven: true, apiKey: null },
    contexts: memoryContexts(),
    project: () => null,
    interrupt: new AbortController().signal,
    fetch: async (request) => {
      const url = new URL(request instanceof Request ? request.url : request);
      asked.push(`${url.origin} ${url.searchParams.get("environment") ?? ""}`.trim());
      if (!Object.hasOwn(answers, url.pathname)) throw new TypeError("fetch failed");
      return Response.json({ items: answers[url.pathname], nextCursor: null });
    },
  };
  const code = await createProgram(deps as CliDeps).run(argv);
  return { code, words: terminal.out().trim().split("\n"), out: terminal.out(), err: terminal.err(), asked };
}

const completed = async (words: readonly string[], answers?: Answers) =>
  (await stn(["complete", "--", ...words], answers)).words;

describe("what a shell completes", () => {
  it("is every command and option that help shows, by its beginning", async () => {
    expect(await completed(["ru"])).toEqual(["run", "runs"]);
    expect(await completed(["-e", "prod", "runs", "rel"])).toEqual(["release"]);
    expect(await completed(["run", "x", "--f"])).toEqual(["--field", "--follow"]);
    expect(await completed(["--output", "js"])).toEqual(["json", "jsonl"]);
    expect(await completed(["completion", ""])).toEqual(["bash", "zsh", "fish"]);
    expect(await completed(["complet"])).toEqual(["completion"]);
  });

  it("is what the server knows, where an id is wanted: that server and environment which the line names", async () => {
    const workflows = { "/api/v1/workflows": [{ id: "deploy" }, { id: "incident-triage" }] };
    expect(await completed(["run", "inc"], workflows)).toEqual(["incident-triage"]);
    for (const verb of ["show", "export"])
      expect(await completed(["workflow", verb, "dep"], workflows)).toEqual(["deploy"]);
    const runs = { "/api/v1/workflow-runs": [{ runId: "run_1" }] };
    expect(await completed(["runs", "show", ""], runs)).toEqual(["@last", "run_1"]);
    const approvals = { "/api/v1/workflow-approvals": [{ approvalId: "apr_1" }] };
    expect(await completed(["approve", "apr"], approvals)).toEqual(["apr_1"]);
    const { asked } = await stn(
      ["complete", "--", "--url", "http://other", "-e", "prod", "run", ""],
      workflows,
    );
    expect(asked).toEqual(["http://other prod"]);
  });

  it("is nothing, without a word, where the server is away or anything may be written", async () => {
    expect(await stn(["complete", "--", "run", ""])).toMatchObject({ code: 0, out: "", err: "" });
    expect(await stn(["complete", "--", "signal", "run_1", ""])).toMatchObject({ out: "", asked: [] });
    expect(await stn(["complete", "--", "run", "x", "--version", ""])).toMatchObject({ out: "", asked: [] });
  });
});

it("bash hands over what was typed word for word, also a word that has not begun", async () => {
  const { out: script } = await stn(["completion", "bash"]);
  const stub = `stn() { printf '%s\\n' "$#" "$@"; }`;
  const typed = `COMP_WORDS=(stn runs "a b" ""); COMP_CWORD=3; _stn; printf '<%s>' "\${COMPREPLY[@]}"`;
  const { stdout } = await promisify(execFile)("bash", ["-c", `${script}\n${stub}\n${typed}`]);
  expect(stdout).toBe("<5><complete><--><runs><a b>");
});
