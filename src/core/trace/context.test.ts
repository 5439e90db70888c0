import { describe, expect, it } from "vitest";
import { ROOT, type RunId } from "../run/ids.ts";
import { stepId } from "../run/step-id.ts";
import { attemptSpanId, parseTraceparent, runSpanId, stateSpanId, traceOf, traceparent } from "./context.ts";

const id = "run_1" as RunId;
const caller = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";

describe("a run's trace", () => {
  it("goes on with the caller's, and the caller's span is above the run's", () => {
    expect(traceOf({ id, traceparent: caller })).toEqual({
      traceId: "4bf92f3577b34da6a3ce929d0e0e4736",
      callerSpanId: "00f067aa0ba902b7",
    });
  });

  it("is its own without one, the same in every process", () => {
    const { traceId, callerSpanId } = traceOf({ id, traceparent: null });
    expect(callerSpanId).toBe(null);
    expect(traceOf({ id, traceparent: null }).traceId).toBe(traceId);
    expect(parseTraceparent(traceparent(traceId, runSpanId(id)))).toEqual({ traceId, spanId: runSpanId(id) });
  });
});

describe("a step's spans", () => {
  it("are its own, and those of each attempt", () => {
    const steps = ["a", "b"].map((state) => stepId(id, ROOT, state, 1));
    const names = steps.flatMap((step) => [
      stateSpanId(step),
      ...[1, 2, 3, 300].map((attempt) => attemptSpanId(step, attempt)),
    ]);
    expect(new Set(names).size).toBe(10);
    for (const name of names) expect(parseTraceparent(traceparent("1".repeat(32), name))).not.toBe(null);
  });
});

describe("a trace context", () => {
  it.each([
    ["nothing", ""],
    ["the forbidden version", caller.replace(/^00/, "ff")],
    ["capital letters", caller.toUpperCase()],
    ["no trace", caller.replace(/[0-9a-f]{32}/, "0".repeat(32))],
    ["no span", caller.replace(/-[0-9a-f]{16}-/, `-${"0".repeat(16)}-`)],
    ["more than version 00 has", `${caller}-x`],
    ["too little", caller.slice(0, -1)],
  ])("with %s counts as none", (_, header) => {
    expect(parseTraceparent(header)).toBe(null);
  });

  it("of a later version may say more", () => {
    expect(parseTraceparent(`${caller.replace(/^00/, "01")}-x`)).toMatchObject({
      spanId: "00f067aa0ba902b7",
    });
  });
});
