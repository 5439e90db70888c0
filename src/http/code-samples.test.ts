import { execFile } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { expect, it } from "vitest";
import { createSchemas } from "../adapters/json-schema/schemas.ts";
import type { JsonObject } from "../core/json.ts";
import { codeSamplesOf, exampleOf } from "./code-samples.ts";
import { type RouteName, routeList } from "./contract.ts";
import { openApiDocument } from "./openapi.ts";

const run = promisify(execFile);
const root = fileURLToPath(new URL("../../", import.meta.url));

const samples = routeList.flatMap(([name, route]) =>
  codeSamplesOf(name, route).map((sample) => ({ name, ...sample })),
);

function sampleOf(operation: RouteName, label: string): string | undefined {
  return samples.find((sample) => sample.name === operation && sample.label === label)?.source;
}

it("a request is the same with curl, stn and TypeScript", () => {
  expect(
    sampleOf("signalRun", "curl"),
  ).toBe(`curl -sS --fail-with-body "$STATION_URL/api/v1/workflow-runs/$RUN_ID/signals" \\
  -X POST \\
  -H "Authorization: Bearer $STATION_API_KEY" \\
  -H "Content-Type: application/json" \\
  -d '{"name":"deployed","payload":{"revision":"4f2c1ab"}}'`);
  expect(sampleOf("signalRun", "stn")).toBe(
    `stn signal "$RUN_ID" deployed --payload '{"revision":"4f2c1ab"}'`,
  );
  expect(
    sampleOf("signalRun", "TypeScript"),
  ).toBe(`const { STATION_API_KEY, STATION_URL, RUN_ID } = process.env;
const response = await fetch(\`\${STATION_URL}/api/v1/workflow-runs/\${RUN_ID}/signals\`, {
  method: "POST",
  headers: { Authorization: \`Bearer \${STATION_API_KEY}\`, "Content-Type": "application/json" },
  body: JSON.stringify({ name: "deployed", payload: { revision: "4f2c1ab" } }),
});
if (!response.ok) throw new Error(await response.text());
console.log(await response.json());`);
});

it("what anybody may ask for is asked for without a key", () => {
  expect(sampleOf("getProblemPage", "curl")).toBe(
    'curl -sS --fail-with-body "$STATION_URL/problems/$PROBLEM_CODE"',
  );
  expect(sampleOf("getProblemPage", "TypeScript")).not.toContain("STATION_API_KEY");
});

it("what stn has no command for has no sample that says it had", () => {
  expect(sampleOf("createWorkflow", "stn")).toBeUndefined();
  expect(sampleOf("createWorkflow", "curl")).toContain("--data-binary @restart-service.workflow.yaml");
});

it("every operation of the document has samples, for its own address", () => {
  const { paths } = openApiDocument() as { paths: Record<string, Record<string, JsonObject>> };
  for (const [path, operations] of Object.entries(paths))
    for (const [method, operation] of Object.entries(operations)) {
      const shown = operation["x-codeSamples"] as readonly { label: string; source: string }[];
      expect(shown.map(({ label }) => label)).toEqual(expect.arrayContaining(["curl", "TypeScript"]));
      const address = path.replace(/\{\w+\}/g, "\\$[A-Z_]+").replaceAll("/", "\\/");
      expect(shown[0]?.source, `${method} ${path}`).toMatch(new RegExp(`\\$STATION_URL${address}"`));
    }
});

it("every body that has to be sent has an example, and each fits its schema", () => {
  const schemas = createSchemas();
  for (const [name, route] of routeList) {
    const example = exampleOf(route);
    if (route.body && !/^(?:optional|definition)$/.test(route.bodyKind ?? ""))
      expect(example, name).toBeDefined();
    const schema = JSON.parse(JSON.stringify(route.body ?? {})) as JsonObject;
    if (example !== undefined) expect(schemas.validate(schema, example), name).toMatchObject({ valid: true });
  }
});

it("each is one that a shell, and the strictest TypeScript, can read", async () => {
  const folder = await mkdtemp(join(tmpdir(), "station-samples-"));
  try {
    const of = (lang: string) => samples.filter((sample) => sample.lang === lang);
    await writeFile(
      join(folder, "all.sh"),
      of("Shell")
        .map(({ source }) => source)
        .join("\n"),
    );
    await run("bash", ["-n", join(folder, "all.sh")]);
    for (const { name, source } of of("TypeScript"))
      await writeFile(join(folder, `${name}.ts`), `${source}\nexport {};\n`);
    const options = {
      ...{ noEmit: true, strict: true, skipLibCheck: true, erasableSyntaxOnly: true, noUnusedLocals: true },
      ...{
        target: "esnext",
        module: "nodenext",
        types: ["node"],
        typeRoots: [join(root, "node_modules/@types")],
      },
    };
    await writeFile(join(folder, "package.json"), '{"type": "module"}');
    await writeFile(join(folder, "tsconfig.json"), JSON.stringify({ compilerOptions: options }));
    await run(join(root, "node_modules/.bin/tsc"), ["-p", folder]);
  } finally {
    await rm(folder, { recursive: true });
  }
});
