import { expect, it } from "vitest";
import { ApiError, Unreachable } from "../../http/client/errors.ts";
import { CliError, EXIT, exitCodeOf } from "../errors.ts";
import { makeLook } from "../terminal/look.ts";
import { describeError } from "./problem.ts";

const options = { look: makeLook(false, true), columns: 60, url: "http://localhost:8585", verbose: false };

function refused(status: number, code: string, more: object = {}): ApiError {
  const problem = {
    type: `/problems/${code}`,
    title: "",
    status,
    detail: "it cannot be done",
    instance: "urn:request:req_1",
    code,
  };
  return new ApiError({ ...problem, ...more }, null);
}

it("is one block with every place and hint", () => {
  const errors = [
    { pointer: "/input/service", message: "is required" },
    { pointer: "/input/namespace", message: "must be a text", hint: "quote it", line: 3, column: 7 },
  ];
  const error = refused(400, "validation", {
    detail: 'the input of "incident-triage" does not match its schema',
    errors,
  });
  expect(describeError(error, options)).toBe(
    [
      'error: the input of "incident-triage" does not match its',
      "       schema [validation]",
      "  /input/service  is required",
      "  /input/namespace (line 3:7)  must be a text",
      "    quote it",
      "",
    ].join("\n"),
  );
});

it("names the server that does not answer, and what to do", () => {
  const cause = Object.assign(new Error("connect ECONNREFUSED"), { code: "ECONNREFUSED" });
  const error = new Unreachable("no answer", { cause: new TypeError("fetch failed", { cause }) });
  expect(describeError(error, options)).toBe(
    [
      "error: no Station answers at http://localhost:8585",
      "       (connection refused)",
      "  start one on this machine: stn dev",
      "  or name another: STATION_URL=https://… (or --url)",
      "",
    ].join("\n"),
  );
});

it("says what an error of the world was caused by: where it failed alone helps nobody", () => {
  const cause = new Error("EACCES: permission denied, mkdir '/data'");
  const error = new Error("cannot open the database file /data/station.db", { cause });
  expect(describeError(error, { ...options, columns: 120 })).toBe(
    [
      "error: cannot open the database file /data/station.db: EACCES: permission denied, mkdir '/data'",
      "  -v shows where it comes from",
      "",
    ].join("\n"),
  );
});

it.each([
  [refused(400, "validation"), EXIT.findings],
  [refused(422, "validation"), EXIT.findings],
  [refused(400, "workflow-invalid"), EXIT.findings],
  [refused(400, "bad-request"), EXIT.error],
  [refused(401, "unauthenticated"), EXIT.authentication],
  [refused(403, "not-an-approver"), EXIT.authentication],
  [refused(404, "not-found"), EXIT.notFound],
  [refused(409, "already-decided"), EXIT.conflict],
  [refused(410, "expired"), EXIT.conflict],
  [refused(412, "version-mismatch"), EXIT.conflict],
  [refused(500, "internal"), EXIT.error],
  [refused(503, "unavailable"), EXIT.unreachable],
  [new Unreachable("no answer"), EXIT.unreachable],
  [new CliError(EXIT.usage, "wrong"), EXIT.usage],
  [new Error("bug"), EXIT.error],
])("%s has an exit code", (error, code) => {
  expect(exitCodeOf(error)).toBe(code);
});
