import { expect, test } from "vitest";
import type { AdminText } from "./admin-chain.ts";
import { AdministrationCheck } from "./verify-administration.ts";

test("what a version was is known after its workflow was removed: a run of it may be brought back", () => {
  const check = new AdministrationCheck();
  const subject = "workflow:default/triage";
  let position = 0;
  const tell = (action: string, data: object) => {
    position++;
    const event = { position, action, subject, data: JSON.stringify(data) } as AdminText;
    expect(check.take({ event, seal: null })).toBeNull();
  };
  tell("workflow.published", { version: 1, definition: "d1", source: "s1" });
  tell("workflow.removed", {});
  expect(check.isWorkflowRemoved(subject)).toBe(true);
  tell("workflow.published", { version: 2, definition: "d2", source: "s2" });
  expect(check.isWorkflowRemoved(subject)).toBe(false);
  expect(check.published(subject, 1)).toEqual({ definition: "d1", source: "s1" });
  expect(check.published(subject, 2)).toEqual({ definition: "d2", source: "s2" });
});
