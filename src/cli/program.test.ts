import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { readDefinition } from "../adapters/files/definition.ts";
import { readSourceFile } from "../adapters/files/environments.ts";
import type { Diagnostic } from "../core/definition/diagnostic.ts";
import type { FlowReport } from "../core/definition/flow/report.ts";
import { createAuditTools } from "../main/audit-tools.ts";
import { createBackups } from "../main/backups.ts";
import { createBundles } from "../main/bundles.ts";
import { createImport } from "../main/import.ts";
import { configured } from "../main/process.ts";
import type { CliDeps } from "./deps.ts";
import { EXIT, type ExitCode } from "./errors.ts";
import { memoryContexts } from "./memory-contexts.ts";
import { createProgram } from "./program.ts";
import { type MemoryOptions, memoryTerminal } from "./terminal/memory-terminal.ts";

let cwd: string;
beforeAll(async () => {
  cwd = await mkdtemp(join(tmpdir(), "stn-"));
  await mkdir(join(cwd, "environments/default/workflows"), { recursive: true });
  await writeFile(join(cwd, "environments/default/workflows/a.workflow.yaml"), "id: a\n");
  await writeFile(join(cwd, "environments/default/workflows/broken.workflow.yaml"), "id: broken\n");
  await writeFile(join(cwd, "environments/default/workflows/notes.yaml"), "not a workflow\n");
});
afterAll(() => rm(cwd, { recursive: true }));

const finding: Diagnostic = {
  code: "EMPTY_WORKFLOW",
  severity: "error",
  path: "",
  line: 1,
  column: 1,
  endColumn: 3,
  message: "there are no states",
};

const FLOW: FlowReport = {
  isComplete: true,
  edges: [
    {
      within: null,
      from: "check",
      to: "count",
      line: 7,
      gives: "{pods: [string]}",
      needs: "{count: integer}",
      verdict: "incompatible",
      reasons: ['"count" is required and is not provided (expected integer)'],
    },
  ],
};

async function stn(argv: readonly string[], options: MemoryOptions = {}, more: Partial<CliDeps> = {}) {
  const terminal = memoryTerminal(options);
  const called: unknown[] = [];
  const deps: CliDeps = {
    terminal,
    version: "0.1.0",
    server: { ok: true, url: "http://station", isGiven: true, apiKey: null },
    contexts: memoryContexts(),
    project: () => null,
    fetch: () => {
      throw new TypeError("fetch failed", { cause: Object.assign(new Error(), { code: "ECONNREFUSED" }) });
    },
    now: () => 0,
    interrupt: new AbortController().signal,
    cwd,
    environmentsDir: "environments",
    watch: async () => async () => {},
    readSource: readSourceFile,
    check: async ({ file, text }, environment) => {
      called.push([file, environment]);
      const diagnostics = text.includes("broken")
        ? [finding]
        : text.includes("odd")
          ? [{ ...finding, severity: "warning" as const }]
          : [];
      return { diagnostics, report: () => (text.includes("odd") ? null : FLOW) };
    },
    readDefinition,
    backups: createBackups(() => configured({}, "migrate")),
    bundles: createBundles(join(cwd, "environments")),
    audit: createAuditTools(() => configured({}, "migrate")),
    importDocument: createImport({ environmentsDir: "environments" }),
    rehearsals: {
      test: async () => ({ diagnostics: [], tests: [] }),
      dryRun: async () => ({ status: "invalid", diagnostics: [finding] }),
    },
    starters: {
      dev: async ({ signal: _, listening, ...given }) => {
        called.push(["dev", given]);
        listening({ url: "http://0.0.0.0:8585", hasPages: given.port !== 1 });
      },
      serve: async ({ signal: _, ...given }) => void called.push(["serve", given]),
      worker: async () => void called.push(["worker"]),
      migrate: async () => ["0001_workflow_definitions.sql"],
      doctor: async () => [
        { check: "database", ok: true, detail: "file, WAL" },
        { check: "stranded runs", ok: false, detail: "1 run waits for nothing" },
      ],
    },
    openBrowser: (url, failed) => {
      called.push(["browser", url]);
      failed("there is no xdg-open");
    },
    ...more,
  };
  const code = await createProgram(deps).run(argv);
  return { code, out: terminal.out(), err: terminal.err(), called };
}

describe("help and usage", () => {
  it("says its version", async () => {
    expect(await stn(["--version"])).toMatchObject({ code: EXIT.ok, out: "0.1.0\n" });
    expect(await stn(["-V"])).toMatchObject({ code: EXIT.ok, out: "0.1.0\n" });
  });

  it("lists every command under its heading on stdout", async () => {
    const { code, out, err } = await stn(["--help"]);
    expect({ code, err }).toEqual({ code: EXIT.ok, err: "" });
    expect(out).toMatchInlineSnapshot(`
      "Usage: stn [options] [command]

      Station: durable workflows in which agents do the work.

      Options:
        -V                             print the version
        --json                         one JSON object; one per line for streams
        -o, --output <format>          how data is written (choices: "table", "json",
                                       "jsonl", "yaml", "id")
        -e, --env <name>               the environment (default: station.yaml's, the
                                       context's, or default; for lists: all)
        --url <url>                    the server (default: STATION_URL, else this
                                       machine's at PORT, else station.yaml's, else
                                       the current context, else this machine's)
        --context <name>               a server that login has remembered
        -q, --quiet                    no words for people, only data and errors
        -v, --verbose                  more about errors
        --no-input                     never ask anything
        --color <when>                 use colours (choices: "auto", "always",
                                       "never", default: "auto")
        --time <style>                 how moments are written (choices: "relative",
                                       "iso")
        -h, --help                     display help for command

      Start here:
        init [options] [dir]           write the first files of a project
        dev [options]                  everything in one process, watching the
                                       environments; opens the browser

      Author:
        validate [options] [files...]  check workflow files on this machine
        test [options] [paths...]      run the tests of workflows on this machine
        import [options] <file>        translate an Open Workflow Specification 1.0
                                       document
        sync [options] [environment]   bring the server's workflows in line with its
                                       files
        workflow                       list, compare, roll back, disable workflows
        agents                         list the agents of an environment
        mcp                            the MCP servers that agents get tools from
        expr [options] <starlark>      evaluate an expression, over a run's context
                                       with --run
        schema [path]                  how workflows are written: all keys, or those
                                       of \`foreach\`, \`agent.retry\` …

      Operate:
        run [options] <workflow>       start a workflow
        runs                           list, show, pause, resume, cancel, rerun,
                                       signal runs
        events [options] <id>          show everything that happened in a run
        logs [options] <run> [step]    show what a run's agents were told, said and
                                       did
        approvals                      list what waits for people
        approve [options] <id...>      approve; an id may be a beginning of it, or
                                       @last
        reject [options] <id...>       reject; an id may be a beginning of it, or
                                       @last
        notifications                  tell people and programs of what happens to
                                       runs
        schedules                      runs that start by themselves: list, make,
                                       pause, fire
        signal [options] <id> <name>   send a run a signal
        hooks                          addresses where other systems' events start
                                       runs

      Serve:
        serve [options]                serve the API; do the work too when no queue is
                                       configured
        worker                         do the work of an API elsewhere
        migrate                        bring the database up to date
        doctor                         check database, queue and every invariant
        archive                        files that finished runs have left the database
                                       for
        backup [options] <file>        copy the whole database into a file, while
                                       Station works
        restore [options] <file>       put a backup in the place of the database
        secrets                        which secrets are under which key, and move
                                       them to the newest

      Access:
        login [options] [url]          remember a server and the key for it; commands
                                       go there from then on
        logout [name]                  forget a server and its key (default: the one
                                       commands go to)
        context                        the servers that login has remembered, and
                                       where commands go
        whoami                         who the server takes you for, and what you may
                                       do
        keys                           make, list and revoke API keys
        completion <shell>             complete commands, options and ids in a shell

      Share:
        bundle                         pack an environment's files, inspect and
                                       install packs

      Prove:
        audit                          verify the audit trail, export its proof

      Data goes to stdout, everything else to stderr. Ids may be shortened; @last is the latest.
      Exit codes: 0 ok, 1 error, 2 usage, 3 findings, 4 authentication, 5 not found, 6 conflict,
      7 unreachable, 10 run failed, 11 cancelled, 12 timed out, 13 rejected, 130 interrupted.
      "
    `);
  });

  it.each([
    [["frobnicate"], "unknown command 'frobnicate'"],
    [["rnus"], "(Did you mean runs?)"],
    [["run"], "missing required argument 'workflow'"],
    [["runs", "list", "--limit", "0"], "A limit is 1 to 200."],
    [["runs", "list", "--status", "canceled"], "Did you mean cancelled?"],
    [["reject", "apr_1"], "required option '-m, --message <text>' not specified"],
    [["run", "w", "--wait", "--follow"], "cannot be used with option"],
    [["run", "w", "-i", "{"], "-i is not JSON: it ends too early (line 1, column 2)"],
    [
      ["run", "w", "-i", '{"id": 12345678901234567890}'],
      "would become 12345678901234567000; write it as a text",
    ],
    [["run", "w", "--version", "0"], "Versions count from 1."],
    [["workflow", "graph", "w", "--version", "abc"], "That is not a whole number."],
    [["run", "w", "-f", "novalue"], "has no key and value"],
    [["--url", "nowhere", "runs"], "is not the address of a server"],
    [["run", "deploy", "--reject", "gate"], "--answer, --reject and --send are of a dry run"],
    [["keys", "rotate", "ci", "--grace", "never"], 'Write "1h", "2d" or "0s".'],
    [["audit", "verify", "run.zip", "--anchor", "a"], "one thing is verified at a time"],
    [["audit", "verify", "--archive", "a.zst", "--database", "file:a.db"], "one thing is verified at a time"],
    [["serve", "--port", "99999"], "A port is 0 to 65535."],
  ])("%j is a usage error", async (argv, message) => {
    const { code, out, err } = await stn(argv as string[]);
    expect({ code, out }).toEqual({ code: EXIT.usage, out: "" });
    expect(err).toContain(message);
  });

  it("says what is wrong with the environment when a server is needed", async () => {
    const server = { ok: false, problems: "  STATION_URL=x: is not the address of a server" } as const;
    expect(await stn(["runs"], {}, { server })).toMatchObject({ code: EXIT.usage });
    expect(
      await stn(["validate", "environments/default/workflows/a.workflow.yaml"], {}, { server }),
    ).toMatchObject({
      code: EXIT.ok,
    });
  });
});

it("a key that cannot be sent is not shown either", async () => {
  for (const apiKey of ["stn_default_ci_secret\nstn_default_ci_other", "stn_default_ci_secret…"]) {
    const server = { ok: true, url: "http://station", isGiven: true, apiKey } as const;
    const { code, out, err } = await stn(["runs", "-v"], {}, { server });
    expect({ code, out }).toEqual({ code: EXIT.usage, out: "" });
    expect(err).toContain("the API key has something in it that is in no key");
    expect(err).not.toContain("secret");
  }
});

it("asks about the run that is meant before it takes a run's values out", async () => {
  const runId = "run_01M8NR5V07BG44PQM4ZFJ30NQM";
  const fetch = () => Response.json({ items: [{ runId }], nextCursor: null });
  const { err } = await stn(["runs", "purge", "@last", "-m", "gdpr"], { isTty: true, input: "n" }, { fetch });
  expect(err).toContain(`take all values of ${runId} out for good? [y/N]`);
});

it("a file that is there and cannot be read is not said to be missing, nor read as something else", async () => {
  await writeFile(join(cwd, "latin1.json"), Buffer.from('{"city": "K\u00f6ln"}', "latin1"));
  await writeFile(join(cwd, "latin1.test.yaml"), Buffer.from("# K\u00f6ln", "latin1"));
  const cases: readonly (readonly [readonly string[], ExitCode, string])[] = [
    [["bundle", "inspect", "environments"], EXIT.notFound, "environments cannot be read: it is a folder"],
    [["audit", "verify", "environments"], EXIT.notFound, "environments cannot be read: it is a folder"],
    [["import", "environments"], EXIT.notFound, "environments cannot be read: it is a folder"],
    [["run", "w", "-i", "@environments"], EXIT.usage, "environments cannot be read: it is a folder"],
    [["run", "w", "-i", "@gone.json"], EXIT.usage, "there is no file"],
    [["run", "w", "-i", "@latin1.json"], EXIT.usage, "latin1.json is not UTF-8"],
    [["test", "latin1.test.yaml"], EXIT.usage, "latin1.test.yaml is not UTF-8"],
  ];
  for (const [argv, code, message] of cases) {
    const done = await stn(argv);
    expect(done, argv.join(" ")).toMatchObject({ code, out: "" });
    expect(done.err).toContain(message);
  }
});

it("approvals are those of the environment that was named, also for @last and the beginning of an id", async () => {
  const asked: string[] = [];
  const fetch = ({ url }: Request) => {
    asked.push(url);
    return Response.json({ items: [], nextCursor: null });
  };
  for (const argv of [["approvals"], ["approve", "@last"], ["approve", "apr_7"]])
    await stn(["-e", "prod", ...argv], {}, { fetch });
  // One for each, and for the beginning of an id the decided ones behind those that are open.
  expect(asked.map((url) => new URL(url).searchParams.get("environment"))).toEqual(Array(4).fill("prod"));
});

it("the audit is not said to hold by an anchor that notes nothing", async () => {
  await writeFile(join(cwd, "audit.pub"), "-----BEGIN PUBLIC KEY-----\n");
  const { code, out, err } = await stn([
    "audit",
    "verify",
    "--database",
    "file:copy.db",
    "--anchor",
    "audit.pub",
  ]);
  expect({ code, out }).toEqual({ code: EXIT.error, out: "" });
  expect(err).toContain("audit.pub notes no checkpoint");
});

it("a server's bundles are those of the environment that login remembered", async () => {
  const prod = { url: "http://station", apiKey: null, environment: "prod" };
  const contexts = memoryContexts({ current: "prod", servers: { prod } });
  const server = { ok: true, url: "http://localhost:8585", isGiven: false, apiKey: null } as const;
  const asked: string[] = [];
  const fetch = async (request: Request) => {
    const named =
      request.method === "POST"
        ? ((await request.json()) as { environment: string }).environment
        : request.url;
    asked.push(named);
    return Response.json({
      items: [],
      nextCursor: null,
      name: "t",
      version: "1.0.0",
      digest: "",
      changes: [],
    });
  };
  await stn(["bundle", "list", "--server"], {}, { contexts, server, fetch });
  await stn(["bundle", "create", "t", "--bundle-version", "1.0.0", "--out", "t.zip"]);
  await stn(["bundle", "install", "t.zip", "--server", "--dry-run"], {}, { contexts, server, fetch });
  expect(asked).toEqual(["http://station/api/v1/bundles?environment=prod", "prod"]);
});

it("what was done to many runs is told, also when it breaks off", async () => {
  const ids = ["run_01M8NR5V07BG44PQM4ZFJ30NQM", "run_01M8NRAP7SNVZCJH581XJ7NT0D"];
  const items = ids.map((runId) => ({ run: { runId }, detail: null }));
  const answers = [
    { dryRun: true, matching: 3, done: 0, refused: 0, remaining: 3, items: [] },
    { dryRun: false, matching: 3, done: 2, refused: 0, remaining: 1, items },
  ];
  const fetch = () => {
    const answer = answers.shift();
    if (answer === undefined) throw new TypeError("fetch failed");
    return Response.json(answer);
  };
  const { code, out, err } = await stn(["runs", "bulk", "cancel", "--workflow", "w", "--yes"], {}, { fetch });
  expect({ code, out }).toEqual({ code: EXIT.unreachable, out: ids.map((id) => `${id}\n`).join("") });
  expect(err).toContain(
    "what was asked last may be done all the same\ncancel: 2 done, 0 refused, 1 left alone\nerror: ",
  );
});

it("says that a list has more, also to whoever pipes it on", async () => {
  const runs = (count: number) => ({
    fetch: () => Response.json({ items: Array(count).fill({ approvalId: "apr_1" }), nextCursor: "x" }),
  });
  const list = ["approvals", "-o", "id"];
  expect((await stn(list, {}, runs(50))).err).toBe("there are more than these 50: --limit shows up to 200\n");
  expect((await stn(list, {}, runs(200))).err).toBe(
    "there are more than these 200, as many as a list has: say more closely which\n",
  );
  expect((await stn(["approvals", "--json"], {}, runs(50))).err).toBe("");
});

it("a run that was started is told of, though the server goes away or the person leaves before it is seen", async () => {
  const run = {
    runId: "run_01M8NR5V07BG44PQM4ZFJ30NQM",
    workflowId: "w",
    workflowVersion: 1,
    environment: "default",
    finishedAt: null,
  };
  const goesOn = `run ${run.runId} goes on – look again: stn runs show ${run.runId} --follow\n`;
  const interrupt = new AbortController();
  const cases = [
    [EXIT.unreachable, () => {}],
    [EXIT.interrupted, () => interrupt.abort()],
  ] as const;
  for (const [code, before] of cases) {
    const fetch = (request: Request) => {
      if (request.method === "POST") return Response.json(run, { status: 201 });
      before();
      throw new TypeError("fetch failed");
    };
    for (const argv of [
      ["run", "w", "--follow"],
      ["runs", "rerun", run.runId, "--follow"],
    ]) {
      const done = await stn(argv, {}, { fetch, interrupt: interrupt.signal });
      expect(done).toMatchObject({ code, out: `${run.runId}\n`, err: expect.stringContaining(goesOn) });
    }
  }
});

it("says so when no server answers", async () => {
  const { code, out, err } = await stn(["runs"]);
  expect({ code, out }).toEqual({ code: EXIT.unreachable, out: "" });
  expect(err).toContain("no Station answers at http://station (connection refused)");
  expect(err).toContain("stn dev");
});

it("says so when somebody else answers, whatever the status is", async () => {
  for (const status of [200, 404, 409, 502]) {
    const page = new Response("<html>", { status, headers: { "content-type": "text/html" } });
    const { code, out, err } = await stn(["runs"], {}, { fetch: () => page });
    expect({ code, out }).toEqual({ code: EXIT.unreachable, out: "" });
    expect(err).toContain(
      `answered ${status} with text/html, which is not Station's way [unexpected-answer]`,
    );
    expect(err).toContain("STATION_URL=https://");
  }
  const refusal = new Response("<html>", { status: 403, headers: { "content-type": "text/html" } });
  expect((await stn(["runs"], {}, { fetch: () => refusal })).code).toBe(EXIT.authentication);
});

describe("what runs here", () => {
  it("is started with what the person chose", async () => {
    expect((await stn(["serve", "--port", "0", "--host", "::1"])).called).toEqual([
      ["serve", { port: 0, host: "::1" }],
    ]);
    expect((await stn(["dev"])).called).toEqual([["dev", {}]]);
    expect((await stn(["worker"])).called).toEqual([["worker"]]);
    expect(await stn(["migrate"])).toMatchObject({ out: "0001_workflow_definitions.sql\n", code: EXIT.ok });
  });

  it("dev names its page, and opens it for whoever sits before a terminal", async () => {
    const seen = { isTty: true };
    const server = { ok: true, url: "http://127.0.0.1:8585", isGiven: false, apiKey: null } as const;
    const { called, err, out } = await stn(["dev"], seen, { server });
    expect(out).toBe("");
    expect(called).toContainEqual(["browser", "http://localhost:8585"]);
    expect(err).toBe(
      "Station is at http://localhost:8585 – Ctrl-C ends it\n" +
        "the browser did not open (there is no xdg-open): open http://localhost:8585 yourself\n",
    );
    const closed: readonly (readonly [readonly string[], MemoryOptions])[] = [
      [["dev"], {}],
      [["dev", "--no-open"], seen],
      [["--no-input", "dev"], seen],
      [["dev"], { ...seen, env: { CI: "true" } }],
      [["dev"], { ...seen, env: { BROWSER: "none" } }],
    ];
    for (const [argv, options] of closed) {
      const done = await stn(argv, options, { server });
      expect(done.called).toEqual([["dev", expect.anything()]]);
      expect(done.err).toBe("Station is at http://localhost:8585 – Ctrl-C ends it\n");
    }
    expect(await stn(["dev", "--port", "1"], seen, { server })).toMatchObject({
      called: [["dev", { port: 1 }]],
      err: "Station is at http://localhost:8585/api/v1, without its web UI – Ctrl-C ends it\n",
    });
  });

  it("dev says where commands go, when that is not where it is", async () => {
    const project = () => ({ file: "station.yaml", server: "https://prod.example", environment: null });
    const server = { ok: true, url: "http://localhost:8585", isGiven: false, apiKey: null } as const;
    expect((await stn(["dev"], {}, { server, project })).err).toContain(
      "\ncommands go to https://prod.example (station.yaml): --url http://localhost:8585 sends them here\n",
    );
    const broken = () => {
      throw new Error("station.yaml is not right");
    };
    expect(await stn(["dev"], {}, { server, project: broken })).toMatchObject({
      code: EXIT.ok,
      err: "Station is at http://localhost:8585 – Ctrl-C ends it\n",
    });
  });

  it("doctor fails when one invariant does not hold", async () => {
    const { code, out, err } = await stn(["doctor"]);
    expect(code).toBe(EXIT.error);
    expect(out).toBe("ok\tdatabase\tfile, WAL\nfailed\tstranded runs\t1 run waits for nothing\n");
    expect(err).toBe("1 of 2 checks failed\n");
  });

  it("the doctor cuts nothing of what is wrong off, however narrow the terminal is", async () => {
    const { out } = await stn(["doctor"], { isTty: true, columns: 32, env: { NO_COLOR: "1" } });
    expect(out.split("\n")).toEqual([
      "✓  database  file, WAL",
      "✕  stranded runs",
      "   1 run waits for nothing",
      "",
    ]);
  });
});

describe("validate", () => {
  it("reports how data flows where that is asked for, for people and for programs", async () => {
    const file = "environments/default/workflows/a.workflow.yaml";
    const { out } = await stn(["validate", "--report", file]);
    expect(out.split("\n")).toEqual([
      `${file}: how data flows`,
      "  incompatible  check → count  line 7",
      "    gives  {pods: [string]}",
      "    needs  {count: integer}",
      '    · "count" is required and is not provided (expected integer)',
      "",
    ]);
    const told = JSON.parse((await stn(["--json", "validate", "--report", file])).out);
    expect(told.files).toMatchObject([{ file, valid: true, report: FLOW }]);
    expect((await stn(["validate", file])).out).toBe("");
  });

  it("checks every workflow of every environment, and shows where", async () => {
    const { code, out, err, called } = await stn(["validate"]);
    expect(code).toBe(EXIT.findings);
    expect(called).toEqual([
      [join("environments", "default", "workflows", "a.workflow.yaml"), "default"],
      [join("environments", "default", "workflows", "broken.workflow.yaml"), "default"],
    ]);
    expect(out).toBe(
      [
        "environments/default/workflows/broken.workflow.yaml:1:1 error[empty-workflow] there are no states",
        "  1 │ id: broken",
        "    │ ^^",
        "environments/default/workflows/notes.yaml:1:1 warning[unreadable] the file is ignored because of its name",
        "  rename it to notes.workflow.yaml",
        "",
      ].join("\n"),
    );
    expect(err).toBe("3 files, 1 error, 1 warning\n");
  });

  it("warns of a file that the server ignores, and checks it only where it is named", async () => {
    const file = join("environments", "default", "workflows", "notes.yaml");
    const named = await stn(["validate", file]);
    expect(named).toMatchObject({ code: EXIT.ok, err: "1 file, 0 errors, 1 warning\n" });
    expect(named.called).toEqual([[file, "default"]]);
    expect((await stn(["validate", "--strict", file])).code).toBe(EXIT.findings);
  });

  it("is JSON for programs, in both spellings", async () => {
    const { out } = await stn(["validate", "--format", "json"]);
    expect(JSON.parse(out)).toMatchObject({
      files: [{ valid: true }, { valid: false, errors: [finding] }, { valid: true, warnings: [{ line: 1 }] }],
    });
    expect((await stn(["--json", "validate"])).out).toBe(out);
    expect((await stn(["validate", "--format", "github"])).out).toMatch(/^::error file=/);
  });

  it("takes warnings for errors only when it is to", async () => {
    await writeFile(join(cwd, "odd.yaml"), "odd: 1\n");
    expect((await stn(["validate", "odd.yaml"])).code).toBe(EXIT.ok);
    expect((await stn(["validate", "--strict", "odd.yaml"])).code).toBe(EXIT.findings);
    expect((await stn(["validate", "gone.yaml"])).code).toBe(EXIT.notFound);
  });
});
