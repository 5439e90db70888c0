import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { describe, expect, it, onTestFinished } from "vitest";
import { obtainNats } from "../support/server-binaries.ts";
import { mustSkip } from "../support/servers.ts";

const folder = fileURLToPath(new URL("../../deploy/nats/", import.meta.url));
const program = await obtainNats();
const skip = mustSkip("the configurations of nats-server, checked by itself", program);

const FLY = { NATS_PASSWORD: "n0123" };
const check = (
  args: readonly string[],
  env: Readonly<Record<string, string>> = { SERVER_NAME: "nats-1", ...FLY },
) => promisify(execFile)(program.ok ? program.path : "", ["-t", ...args], { env });

describe.skipIf(skip).each(["single.conf", "cluster.conf", "fly.conf"])("%s", (file) => {
  it("is one that nats-server takes", async () => {
    const { stderr } = await check([
      "-c",
      folder + file,
      ...(file === "fly.conf" ? ["--name", "91857266041638"] : []),
    ]);
    expect(stderr).toContain("is valid");
  });

  it("writes to the disk before it acknowledges", async () => {
    expect(await readFile(folder + file, "utf8")).toMatch(/^ {2}sync_interval: always$/m);
  });
});

it.each(["cluster.conf", "fly.conf"])("a node of %s says goodbye before it goes", async (file) => {
  expect(await readFile(folder + file, "utf8")).toMatch(/^lame_duck_duration: "30s"$/m);
});

it.skipIf(skip)("nats-server says goodbye when SIGUSR2 stops it, and not when SIGTERM does", async () => {
  const saidAtTheEnd = async (signal: NodeJS.Signals) => {
    const server = spawn(program.ok ? program.path : "", ["-a", "127.0.0.1", "-p", "-1"]);
    let said = "";
    for await (const chunk of server.stderr) {
      const isReady = said.includes("Server is ready");
      said += String(chunk);
      if (!isReady && said.includes("Server is ready")) server.kill(signal);
    }
    return said;
  };
  expect(await saidAtTheEnd("SIGUSR2")).toContain("lame duck mode");
  expect(await saidAtTheEnd("SIGTERM")).not.toContain("lame duck mode");
});

it.skipIf(skip)(
  "on Fly, where the network is the whole organisation's, clients and nodes need a password",
  async () => {
    const store = await mkdtemp(join(tmpdir(), "nats-"));
    const conf = join(store, "fly.conf");
    const written = await readFile(`${folder}fly.conf`, "utf8");
    const here = written
      .replace('"/data"', JSON.stringify(store))
      .replaceAll(/"\[::\]:\d+"/g, '"127.0.0.1:-1"');
    await writeFile(conf, here);
    const server = spawn(
      program.ok ? program.path : "",
      ["-c", conf, "--name", "n", "--routes", "nats://127.0.0.1:1"],
      { env: FLY },
    );
    onTestFinished(async () => {
      server.kill("SIGKILL");
      await rm(store, { recursive: true, force: true });
    });
    const ports = new Map<string, number>();
    for await (const line of createInterface(server.stderr)) {
      const [, who = "", port = ""] =
        /Listening for (client|route) connections on 127.0.0.1:(\d+)/.exec(line) ?? [];
      if (who !== "") ports.set(who, Number(port));
      if (ports.size === 2) break;
    }
    expect([...ports.keys()].sort()).toEqual(["client", "route"]);
    for (const [who, port] of ports) {
      const [greeting] = await once(connect(port, "127.0.0.1"), "data");
      expect([who, String(greeting)]).toEqual([who, expect.stringContaining('"auth_required":true')]);
    }
  },
);

it.skipIf(skip)(
  "nats-server refuses a configuration with a mistake, so its silence means something",
  async () => {
    await expect(check(["-c", `${folder}single.conf`], {})).rejects.toThrow(/SERVER_NAME/);
  },
);
