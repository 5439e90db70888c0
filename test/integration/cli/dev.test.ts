import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, it } from "vitest";

const program = fileURLToPath(new URL("../../../src/main/cli.ts", import.meta.url));

it("dev reads the folder's .env, and what the shell says counts more", async () => {
  const folder = await mkdtemp(join(tmpdir(), "station-dev-"));
  await writeFile(
    join(folder, ".env"),
    "STATION_UI=off\nSTATION_LOG_LEVEL=debug\nSTATION_URL=http://127.0.0.1:1\n",
  );
  const env = { PATH: process.env["PATH"], HOME: folder, STATION_LOG_LEVEL: "error" };
  const dev = spawn(process.execPath, [program, "dev", "--port", "0"], { cwd: folder, env });
  let said = "";
  dev.stderr.on("data", (part) => {
    said += String(part);
  });
  try {
    const line = /^Station is at http:\/\/127\.0\.0\.1:\d+\/api\/v1, without its web UI – Ctrl-C ends it\n/;
    await expect.poll(() => said, { timeout: 60_000 }).toMatch(line);
  } finally {
    dev.kill("SIGINT");
    expect((await once(dev, "exit"))[0]).toBe(0);
    await rm(folder, { recursive: true });
  }
}, 90_000);
