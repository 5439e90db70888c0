import { expect, it } from "vitest";
import type { Diagnostic } from "../../core/definition/diagnostic.ts";
import { makeLook } from "../terminal/look.ts";
import { frame, githubLine } from "./frame.ts";

const text = "id: x\nstates:\n  - agent: k8s-pod-cheker\n";
const finding: Diagnostic = {
  code: "AGENT_NOT_FOUND",
  severity: "error",
  path: "/states/0/agent",
  line: 3,
  column: 12,
  endColumn: 26,
  message: 'agent "k8s-pod-cheker" not found in environment "default"',
  hint: 'did you mean "k8s-pod-checker"?',
};

it("marks the place in the text", () => {
  expect(frame({ file: "a.workflow.yaml", text }, finding, makeLook(false, true))).toBe(
    [
      'a.workflow.yaml:3:12 error[agent-not-found] agent "k8s-pod-cheker" not found in environment "default"',
      "  3 │   - agent: k8s-pod-cheker",
      "    │            ^^^^^^^^^^^^^^",
      '  did you mean "k8s-pod-checker"?',
      "",
    ].join("\n"),
  );
});

it("is one line where the text is not at hand", () => {
  const { hint: _, ...plain } = finding;
  expect(frame({ file: "a.yaml", text: null }, plain, makeLook(false, false)).split("\n")).toHaveLength(2);
});

it("is a workflow command for GitHub, with everything escaped", () => {
  expect(githubLine("a,b:c.yaml", { ...finding, message: "100% wrong\nreally", severity: "warning" })).toBe(
    '::warning file=a%2Cb%3Ac.yaml,line=3,col=12,title=agent-not-found::100%25 wrong%0Areally%0Adid you mean "k8s-pod-checker"?\n',
  );
});
