import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { createCheck } from "../../../src/main/check.ts";

const DRAIN = `id: drain
inputSchema: { type: object, required: [node], properties: { node: { type: string } } }
states: [{ name: done, type: inject, data: { moved: 3 }, end: true }]
`;
const calling = (workflow: string, node: string) => `id: caller
states:
  - name: call
    type: workflow
    workflow: ${workflow}
    input: { variables: { node: ${node} } }
    end: true
`;

test("a call of another workflow is checked from the files alone, as a server does it", async () => {
  const environmentsDir = await mkdtemp(join(tmpdir(), "station-calls-"));
  onTestFinished(() => rm(environmentsDir, { recursive: true }));
  const folder = join(environmentsDir, "default/workflows");
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, "drain.workflow.yaml"), DRAIN);
  await writeFile(join(folder, "broken.workflow.yaml"), "id: [");
  const check = createCheck({ environmentsDir });
  const of = async (workflow: string, node: string) => {
    const source = { text: calling(workflow, node), format: "yaml", file: "caller.workflow.yaml" } as const;
    const { diagnostics, report } = await check(source, "default");
    const found = diagnostics.map(({ code, line, hint }) => [code, line, hint]);
    return { found, verdict: report()?.edges[0]?.verdict };
  };
  expect(await of("drain", "n1")).toEqual({ found: [], verdict: "compatible" });
  expect(await of("drain", "7")).toEqual({
    found: [["SCHEMA_COMPATIBILITY", 6, undefined]],
    verdict: "incompatible",
  });
  expect(await of("drian", "n1")).toEqual({
    found: [["WORKFLOW_NOT_FOUND", 5, 'did you mean "drain"?']],
    verdict: "cannot-tell",
  });
});
