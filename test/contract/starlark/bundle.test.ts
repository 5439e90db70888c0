import { execFile } from "node:child_process";
import { copyFile, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { build } from "esbuild";
import { expect, test } from "vitest";

const adapter = fileURLToPath(new URL("../../../src/adapters/starlark/", import.meta.url));

test("the bundle finds its thread and its artefact from any working directory", async () => {
  const folder = await mkdtemp(join(tmpdir(), "starlark-bundle-"));
  try {
    const main = `
      import { createStarlark } from "./starlark.ts";
      const starlark = createStarlark({ localSteps: 0 });
      const [answer] = await starlark.evaluate([{ mode: "expression", text: "n + 1" }], { layers: [{ n: 1 }], stateResults: [] });
      console.log(JSON.stringify(answer));
      await starlark.close();
    `;
    const common = { bundle: true, platform: "node", format: "esm", target: "node24" } as const;
    await build({
      ...common,
      stdin: { contents: main, resolveDir: adapter, loader: "ts" },
      outfile: join(folder, "main.mjs"),
    });
    await build({
      ...common,
      entryPoints: [join(adapter, "pool-worker.ts")],
      outfile: join(folder, "pool-worker.mjs"),
    });
    await copyFile(join(adapter, "starlark.wasm.br"), join(folder, "starlark.wasm.br"));
    const { stdout } = await promisify(execFile)(process.execPath, [join(folder, "main.mjs")], {
      cwd: tmpdir(),
      timeout: 10_000,
    });
    expect(JSON.parse(stdout)).toMatchObject({ ok: true, value: 2 });
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
});
