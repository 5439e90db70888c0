import { expect, it } from "vitest";
import { editorAddress } from "./editor-address.ts";

it("a file is opened in the editor also where its path has spaces, signs or a drive", () => {
  expect(editorAddress("/home/ana/my flows/default/workflows/a.workflow.yaml")).toBe(
    "vscode://file/home/ana/my%20flows/default/workflows/a.workflow.yaml",
  );
  expect(editorAddress("C:\\flows\\default/workflows/a#1.yaml")).toBe(
    "vscode://file/C:/flows/default/workflows/a%231.yaml",
  );
});
