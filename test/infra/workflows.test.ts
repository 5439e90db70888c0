import { execFile } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { describe, expect, it } from "vitest";
import { parse } from "yaml";
import { obtainActionlint } from "../support/server-binaries.ts";
import { mustSkip } from "../support/servers.ts";

const root = fileURLToPath(new URL("../../", import.meta.url));
const folder = `${root}.github/workflows/`;
const files = readdirSync(folder);
const program = await obtainActionlint();
const skip = mustSkip("GitHub's workflows, checked by actionlint", program);

type Job = {
  readonly permissions?: Readonly<Record<string, string>>;
  readonly "timeout-minutes"?: number;
  readonly uses?: string;
  readonly needs?: string;
  readonly steps?: readonly {
    readonly run?: string;
    readonly uses?: string;
    readonly with?: Readonly<Record<string, unknown>>;
  }[];
};

it.skipIf(skip)("actionlint finds nothing in them", async () => {
  const path = program.ok ? program.path : "";
  const { stdout } = await promisify(execFile)(
    path,
    ["-shellcheck=", ...files.map((file) => folder + file)],
    { cwd: root },
  );
  expect(stdout).toBe("");
});

describe.each(files)("%s", (file) => {
  const workflow = parse(readFileSync(folder + file, "utf8"));
  const jobs = Object.entries<Job>(workflow.jobs);

  it("may read the repository, and more only where a job says so", () => {
    expect(workflow.permissions).toEqual({ contents: "read" });
  });

  it("ends, and keeps no credentials in what it has checked out", () => {
    for (const [name, { uses, steps = [], ...job }] of jobs) {
      if (uses === undefined) expect([name, job["timeout-minutes"]]).toEqual([name, expect.any(Number)]);
      for (const step of steps.filter((one) => one.uses?.startsWith("actions/checkout@")))
        expect(step.with).toMatchObject({ "persist-credentials": false });
    }
  });

  it("runs only scripts that there are", () => {
    const { scripts } = JSON.parse(readFileSync(`${root}package.json`, "utf8"));
    const commands = jobs.flatMap(([, { steps = [] }]) => steps.flatMap(({ run = "" }) => run.split("\n")));
    for (const [, script] of commands.flatMap((command) => [...command.matchAll(/npm run (\S+)/g)]))
      expect(scripts).toHaveProperty([script as string]);
  });
});

it("nothing is published that was not tested, and images are signed by digest", () => {
  const { jobs } = parse(readFileSync(`${folder}release.yml`, "utf8"));
  expect(jobs.test.uses).toBe("./.github/workflows/ci.yml");
  for (const name of ["image", "package"]) expect(jobs[name].needs).toBe("test");
  const text = JSON.stringify(jobs.image);
  expect(text).toContain("cosign sign --yes");
  expect(text).toContain("steps.push.outputs.digest");
  expect(text).not.toContain(":latest");
});
