import { expect, it } from "vitest";
import { misnamed } from "./file-name.ts";

it("says what a file that was meant for a workflow should be called", () => {
  expect(misnamed("workflows/deploy.yaml")?.hint).toBe("rename it to deploy.workflow.yaml");
  expect(misnamed("workflows/deploy.workflows.json")?.hint).toBe(
    "rename it to deploy.workflows.workflow.json",
  );
});

it.each([
  "workflows/deploy.workflow.yml",
  "workflows/deploy.test.yaml",
  "workflows/README.md",
  "workflows/.hidden.yaml",
  "workflows/below/deploy.yaml",
  "agents/deploy.yaml",
])("has nothing against %s", (path) => {
  expect(misnamed(path)).toBeNull();
});
