import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createWorld, type World } from "../http/world.ts";
import { stnFor } from "./stn.ts";

let world: World;
let dir = "";
beforeAll(async () => {
  world = await createWorld({ works: false });
  dir = await mkdtemp(join(tmpdir(), "station-import-"));
});
afterAll(async () => {
  await world.close();
  await rm(dir, { recursive: true, force: true });
});

const document = `document: { dsl: "1.0.0", namespace: ops, name: greet, version: "1.0.0" }
do:
  - greet: { call: echo, with: { task: "\${ .who }" } }
`;

describe("stn import", () => {
  it("writes a workflow that the server takes", async () => {
    const stn = stnFor(world);
    const file = join(dir, "greet.yaml");
    await writeFile(file, document);
    const { code, out } = await stn.run(["import", file]);
    expect(code).toBe(0);
    const { valid } = await world.client.validateWorkflow({ body: { definition: out } });
    expect(valid).toBe(true);
    const target = join(dir, "greet.workflow.yaml");
    expect(await stn.run(["import", file, "--out", target])).toMatchObject({ code: 0, out: "" });
    expect(await readFile(target, "utf8")).toBe(out);
    expect(await stn.run(["import", file, "--out", target])).toMatchObject({ code: 6 });
  });

  it("shows what has no counterpart where it stands, and writes nothing", async () => {
    const stn = stnFor(world);
    const file = join(dir, "http.yaml");
    await writeFile(file, document.replace("echo", "http"));
    const { code, out, err } = await stn.run(["import", file, "--out", join(dir, "http.workflow.yaml")]);
    expect({ code, out }).toEqual({ code: 3, out: "" });
    expect(err).toContain("http.yaml:3:20 error[unsupported] http calls cannot be made by a workflow");
    expect(err).toContain("  3 │   - greet: { call: http, with:");
    await expect(readFile(join(dir, "http.workflow.yaml"))).rejects.toThrow();
    expect(await stn.run(["import", join(dir, "nowhere.yaml")])).toMatchObject({ code: 5 });
  });
});
