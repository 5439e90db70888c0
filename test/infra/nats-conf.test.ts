import { execFile } from "node:child_process";
import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { describe, expect, it } from "vitest";
import { obtainNats } from "../support/server-binaries.ts";
import { mustSkip } from "../support/servers.ts";

const folder = fileURLToPath(new URL("../../deploy/nats/", import.meta.url));
const program = await obtainNats();
const skip = mustSkip("the configurations of nats-server, checked by itself", program);

const check = (args: readonly string[], env: Readonly<Record<string, string>> = { SERVER_NAME: "nats-1" }) =>
  promisify(execFile)(program.ok ? program.path : "", ["-t", ...args], { env });

describe.skipIf(skip).each(["single.conf", "cluster.conf", "fly.conf"])("%s", (file) => {
  it("is one that nats-server takes", async () => {
    const { stderr } = await check([
      "-c",
      folder + file,
      ...(file === "fly.conf" ? ["--name", "91857266041638"] : []),
    ]);
    expect(stderr).toContain("is valid");
  });

  it("writes to the disk before it acknowledges, and says goodbye before it goes", async () => {
    const text = await readFile(folder + file, "utf8");
    expect(text).toMatch(/^ {2}sync_interval: always$/m);
    expect(text).toMatch(/^lame_duck_duration: "30s"$/m);
  });
});

it.skipIf(skip)(
  "nats-server refuses a configuration with a mistake, so its silence means something",
  async () => {
    await expect(check(["-c", `${folder}single.conf`], {})).rejects.toThrow(/SERVER_NAME/);
  },
);
