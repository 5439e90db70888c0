import { expect, it } from "vitest";
import type { RunRow } from "../../../http/schemas/runs.ts";
import { textOfRuns } from "./text-of-runs.ts";

const row: RunRow = {
  runId: "run_1",
  workflowId: "deploy",
  workflowVersion: 2,
  environment: "default",
  status: "FAILED",
  labels: { team: "a, b" },
  startedBy: "user:ana",
  createdAt: "2026-11-24T17:45:10.000Z",
  startedAt: "2026-11-24T17:45:11.000Z",
  finishedAt: null,
  simulated: false,
  why: 'try_it: "no", twice',
};

it("a table of runs keeps commas, quotes and lines within their cell", () => {
  const lines = textOfRuns([row, { ...row, why: "a\nb" }], "csv").split("\r\n");
  expect(lines[0]).toBe(
    "runId,workflowId,workflowVersion,environment,status,startedBy,createdAt,startedAt,finishedAt,labels,why",
  );
  expect(lines[1]).toBe(
    'run_1,deploy,2,default,FAILED,user:ana,2026-11-24T17:45:10.000Z,2026-11-24T17:45:11.000Z,,"team=a, b","try_it: ""no"", twice"',
  );
  expect(lines[2]?.endsWith('"a\nb"')).toBe(true);
});

it("what a spreadsheet would take for a formula is text", () => {
  const cell = (why: string) =>
    textOfRuns([{ ...row, why }], "csv")
      .split(",")
      .at(-1)
      ?.trim();
  expect(cell("=HYPERLINK(1)")).toBe("'=HYPERLINK(1)");
  expect(cell("+1")).toBe("'+1");
  expect(cell("@a")).toBe("'@a");
});

it("a line per run is exactly what the server sent", () => {
  const text = textOfRuns([row, row], "ndjson");
  expect(
    text
      .trimEnd()
      .split("\n")
      .map((line) => JSON.parse(line)),
  ).toEqual([row, row]);
  expect(JSON.parse(textOfRuns([row], "json"))).toEqual([row]);
});
