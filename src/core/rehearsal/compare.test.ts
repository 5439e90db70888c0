import { describe, expect, it } from "vitest";
import { mismatches, type Outturn } from "./compare.ts";
import { listDiff } from "./list-diff.ts";

const outturn: Outturn = {
  status: "COMPLETED",
  paths: { "": ["check", "decide", "report"], "fan/pods": ["look"] },
  calls: [
    { state: "check", agent: "checker", branch: "", attempt: 1, task: "check it", variables: {}, input: {} },
  ],
  context: { config: { limit: 3 }, pods: [{ name: "a", ready: true }] },
  output: { ok: true },
  error: null,
  tookMs: 2000,
};

describe("what a run came to", () => {
  it("is as expected when it has at least what was expected", () => {
    const expected = {
      status: "COMPLETED",
      path: ["check", "decide", "report"],
      branches: { "fan/pods": ["look"] },
      calls: { checker: { task: "check it" }, check: 1, report: 0 },
      context: { config: {}, pods: [{ name: "a" }] },
      output: { ok: true },
      takesMs: 2000,
    };
    expect(mismatches(expected, outturn)).toEqual([]);
  });

  it("differs in its path by the states that were passed by or came instead", () => {
    expect(mismatches({ path: ["check", "decide", "mitigate"] }, outturn)).toEqual([
      {
        pointer: "/path",
        message: "the run took another path",
        diff: [
          { sign: " ", text: "check" },
          { sign: " ", text: "decide" },
          { sign: "-", text: "mitigate" },
          { sign: "+", text: "report" },
        ],
      },
    ]);
  });

  it("differs at the very key that is different", () => {
    const found = mismatches({ context: { config: { limit: 4 }, pods: [{ ready: false }] } }, outturn);
    expect(found.map(({ pointer }) => pointer)).toEqual(["/context/config/limit", "/context/pods/0/ready"]);
  });

  it("differs where an expected key, a list's length, a call or a branch is missing", () => {
    const found = mismatches(
      { context: { gone: 1, pods: [] }, calls: { chekcer: 1, check: [{}, {}] }, branches: { "fan/pod": [] } },
      outturn,
    );
    expect(found).toMatchObject([
      { pointer: "/branches/fan~1pod", hint: 'did you mean "fan/pods"?' },
      { pointer: "/calls/chekcer", hint: 'did you mean "checker"?' },
      { pointer: "/calls/check", message: 'expected 2 calls of "check"; there was 1 call' },
      { pointer: "/context/gone", message: "context.gone is not there" },
      { pointer: "/context/pods", message: "context.pods is different" },
    ]);
  });

  it("says why a run that should have completed has failed", () => {
    const failed = { ...outturn, status: "FAILED", error: { code: "QUOTA", message: "no room left" } };
    expect(mismatches({ status: "COMPLETED" }, failed)).toMatchObject([
      { message: "expected the run to be COMPLETED; it is FAILED: no room left" },
    ]);
    expect(mismatches({ error: { code: "QUOTA", message: "no room" } }, failed)).toEqual([]);
    expect(mismatches({ error: { code: "OTHER" } }, failed)).toMatchObject([{ pointer: "/error/code" }]);
  });
});

describe("two lists", () => {
  it("are shown along their longest common part", () => {
    expect(listDiff(["a", "b", "c"], ["b", "x", "c"]).map(({ sign, text }) => sign + text)).toEqual([
      "-a",
      " b",
      "+x",
      " c",
    ]);
    expect(listDiff([], [])).toEqual([]);
  });
});
