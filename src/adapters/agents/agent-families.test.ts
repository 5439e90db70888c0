import { expect, test } from "vitest";
import { checkFamilies } from "../../core/definition/agent-family.ts";
import { agent } from "./test-agents.ts";

test("a tree of agents is fine, however they are spelled", () => {
  const agents = [agent("Boss", { agents: ["pod_checker", "clerk"] }), agent("Pod Checker"), agent("clerk")];
  expect(checkFamilies(agents)).toEqual([]);
});

test("an agent that does not exist is named, with the one that was probably meant", () =>
  expect(checkFamilies([agent("boss", { agents: ["clrk"] }), agent("clerk")])).toMatchObject([
    {
      code: "AGENT_NOT_FOUND",
      severity: "warning",
      file: "agents/boss.prompt",
      hint: 'did you mean "clerk"?',
    },
  ]));

test("every agent of a circle hears of it, and nobody else", () => {
  const agents = [
    agent("a", { agents: ["b"] }),
    agent("b", { agents: ["c"] }),
    agent("c", { agents: ["a"] }),
    agent("outside", { agents: ["a"] }),
  ];
  expect(checkFamilies(agents).map(({ file, message }) => [file, message])).toEqual([
    ["agents/a.prompt", expect.stringContaining("a → b → c → a")],
    ["agents/b.prompt", expect.stringContaining("b → c → a → b")],
    ["agents/c.prompt", expect.stringContaining("c → a → b → c")],
  ]);
});
