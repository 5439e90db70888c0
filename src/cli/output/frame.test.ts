import { expect, it } from "vitest";
import type { Diagnostic } from "../../core/definition/diagnostic.ts";
import { makeLook } from "../terminal/look.ts";
import { textWidth } from "../terminal/text.ts";
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

it.each([
  ["at the beginning", 4, 10],
  ["in the middle", 90, 104],
  ["at the end", 118, 126],
  ["behind the end", 155, 161],
  ["longer than the line", 20, 150],
])("a line that does not fit is cut around its mark: %s", (_, column, endColumn) => {
  const words = Array.from({ length: 32 }, (_, index) => `w${String(index).padStart(2, "0")}`);
  const source = `\t${words.join(" ").slice(0, 80)} 例え ${words.join(" ").slice(85)}`;
  const shown = frame(
    { file: "a", text: source },
    { ...finding, line: 1, column, endColumn },
    makeLook(false, true),
    80,
  );
  const [, text = "", marks = ""] = shown.split("\n");
  expect([text, marks].map(textWidth).filter((width) => width > 80)).toEqual([]);
  const at = marks.indexOf("^");
  let before = "";
  for (const sign of text) if (textWidth(before + sign) <= at) before += sign;
  const marked = text.slice(before.length).slice(0, 4).replace("…", "");
  expect(source.slice(column - 1).startsWith(marked)).toBe(true);
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
