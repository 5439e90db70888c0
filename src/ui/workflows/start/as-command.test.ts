import { expect, it } from "vitest";
import { asCurl, asStn } from "./as-command.ts";

const start = { workflowId: "deploy", environment: undefined, input: { note: "it's $HOME" } };

it("an input with quotes and dollars survives the shell", () => {
  expect(asStn(start)).toBe(`stn run deploy --input-json '{"note":"it'\\''s $HOME"}'`);
  expect(asCurl("http://station:8585", { ...start, environment: "prod" })).toBe(
    "curl -X POST 'http://station:8585/api/v1/workflow-runs' -H 'content-type: application/json' " +
      `-d '{"workflowId":"deploy","environment":"prod","input":{"note":"it'\\''s $HOME"}}'`,
  );
});
