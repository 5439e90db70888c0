import { execFileSync, spawn } from "node:child_process";
import { expect, test, vi } from "vitest";
import { cpuMicrosOfChildren } from "./process-usage.ts";

const A_LITTLE_WORK = "i=0; while [ $i -lt 200000 ]; do i=$((i+1)); done";

test("what a server has used still counts when it has ended", () => {
  const before = cpuMicrosOfChildren(process.pid);
  execFileSync("sh", ["-c", A_LITTLE_WORK]);
  expect(cpuMicrosOfChildren(process.pid)).toBeGreaterThan(before);
});

test("a server's own processes count while they work", async () => {
  const server = spawn("sh", ["-c", "sh -c 'while :; do :; done' & wait"], { detached: true });
  const pid = server.pid ?? 0;
  try {
    await vi.waitFor(() => expect(cpuMicrosOfChildren(pid)).toBeGreaterThan(0), { timeout: 30_000 });
  } finally {
    process.kill(-pid, "SIGKILL");
  }
});
