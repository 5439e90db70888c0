import { describe, expect, it } from "vitest";
import type { Diagnostic } from "../../../core/definition/diagnostic.ts";
import type { SyncRow } from "../../../engine/sync.ts";
import { toldOf, untakenAt, whyUntaken } from "./untaken.ts";

const row = (file: string, result: SyncRow["result"], more: Partial<SyncRow> = {}): SyncRow => ({
  file,
  kind: "workflow",
  id: null,
  result,
  version: null,
  reason: null,
  diagnostics: [],
  ...more,
});
const at = (line: number, message: string, severity: Diagnostic["severity"] = "error"): Diagnostic => ({
  code: "UNKNOWN_NAME",
  severity,
  path: "",
  line,
  column: 3,
  message,
});

describe("why a file is not taken", () => {
  it("is its first error with its place, and how many there are besides", () => {
    const diagnostics = [at(1, "is odd", "warning"), at(4, 'there is no state "b"'), at(9, "is wrong")];
    expect(whyUntaken({ reason: null, diagnostics })).toBe(
      'line 4, column 3: there is no state "b" (and 1 more)',
    );
  });

  it("is what stands against it, where its text is right", () => {
    const reason = '"a" is already defined by workflows/a.workflow.yaml';
    expect(whyUntaken({ reason, diagnostics: [at(1, "is odd", "warning")] })).toBe(reason);
  });
});

describe("the file of a workflow", () => {
  it("is found by its path, or hidden by the folder that cannot be read", () => {
    const rows = [row("workflows/a.yaml", "invalid"), row("workflows/deep", "invalid")];
    expect(untakenAt(rows, "workflows/a.yaml")).toBe(rows[0]);
    expect(untakenAt(rows, "workflows/deep/b.yaml")).toBe(rows[1]);
    expect(untakenAt(rows, "workflows/deeper.yaml")).toBeUndefined();
  });
});

describe("what is told of a sync", () => {
  it("names the first file that was not taken, with its place", () => {
    const broken = row("workflows/a.yaml", "invalid", { diagnostics: [at(2, "is wrong")] });
    const failed = "workflows/a.yaml was not taken: line 2, column 3: is wrong";
    expect(toldOf("default", [broken, row("b", "unchanged")])).toEqual({ done: null, failed });
    expect(toldOf("default", [broken, row("b", "updated"), row("c", "created")])).toEqual({
      done: "default: 2 workflows changed",
      failed,
    });
  });

  it("is that all is as the files say, where nothing changed and nothing failed", () => {
    expect(toldOf("default", [row("b", "unchanged"), row("c", "ok")])).toEqual({
      done: "default is as its files say",
      failed: null,
    });
  });
});
