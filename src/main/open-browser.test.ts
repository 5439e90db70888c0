import { chmod, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { beforeEach, expect, it } from "vitest";
import { browserOpener } from "./open-browser.ts";

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "station-opener-"));
  return () => rm(folder, { recursive: true });
});

/** A program of that name which notes what it was called with. */
async function program(name: string, exitCode: number) {
  const path = join(folder, name);
  await writeFile(path, `#!/bin/sh\necho "$@" > ${folder}/called\nexit ${exitCode}\n`);
  await chmod(path, 0o755);
}

const called = () => readFile(join(folder, "called"), "utf8").catch(() => null);

function open(platform: NodeJS.Platform, env: Record<string, string> = {}) {
  const failures: string[] = [];
  browserOpener({ PATH: folder, ...env }, platform)("http://localhost:8585", (reason) =>
    failures.push(reason),
  );
  return failures;
}

it("opens the address with what the platform has for it", async () => {
  await program("xdg-open", 0);
  await program("open", 0);
  const failures = open("linux", { DISPLAY: ":0" });
  await expect.poll(called).toBe("http://localhost:8585\n");
  await rm(join(folder, "called"));
  open("darwin");
  await expect.poll(called).toBe("http://localhost:8585\n");
  expect(failures).toEqual([]);
});

it("says why it came to nothing, and goes on", async () => {
  const without = open("linux", { WAYLAND_DISPLAY: "wayland-0" });
  await expect.poll(() => without).toEqual(["there is no xdg-open"]);
  await program("xdg-open", 3);
  const failing = open("linux", { BROWSER: "firefox" });
  await expect.poll(() => failing).toEqual(["xdg-open ended with 3"]);
});

it("starts no browser in a terminal without a display", async () => {
  await program("xdg-open", 0);
  expect(open("linux")).toEqual([]);
  expect(open("linux", { DISPLAY: "" })).toEqual([]);
  await program("open", 0);
  open("darwin");
  await expect.poll(called).not.toBeNull();
});
