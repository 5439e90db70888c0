import { execFile } from "node:child_process";
import { cp, mkdir, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { buildImage } from "../../deploy/image.ts";
import { ENTRY, IMAGE } from "../../infra/shared/runtime-contract.ts";
import {
  environmentOf,
  removeServers,
  type Servers,
  startServers,
} from "../integration/stories/support/deployment.ts";
import { createStation } from "../integration/stories/support/station.ts";
import { describeDistributed } from "../integration/stories/support/story.ts";
import { openEngine } from "./support/containers.ts";

const root = fileURLToPath(new URL("../../", import.meta.url));
// 107 MB of it are node without its symbols, and 10 libsql's native code.
const LARGEST_BYTES = 130e6;
const work = await mkdtemp(join(tmpdir(), "station-containers-"));
const opened = await openEngine(join(work, "engine"));
if (!opened.ok)
  process.stderr.write(`\n!!! SKIPPED: the image, built and run as containers\n!!! ${opened.reason}\n\n`);
afterAll(async () => {
  if (opened.ok) await opened.engine.remove();
  await rm(work, { recursive: true, force: true });
});

/** What the stage "build" would leave behind, made by the same two programs on this machine. */
async function standInForBuild(): Promise<string> {
  const stage = join(work, "build");
  const arch = process.arch === "arm64" ? "arm64" : "x64";
  await buildImage(root, join(work, "dist"), arch);
  const image = join(work, "dist/image");
  const addon = join(image, `node_modules/@libsql/linux-${arch}-gnu/index.node`);
  await promisify(execFile)(process.execPath, [join(root, "deploy/rootfs.ts"), join(stage, "rootfs"), addon]);
  await mkdir(join(stage, "src/dist"), { recursive: true });
  await cp(image, join(stage, "src/dist/image"), { recursive: true });
  return stage;
}

describe.skipIf(!opened.ok)(
  "the Dockerfile's last stages, built by buildah over a stand-in for the first",
  () => {
    const engine = opened.ok ? opened.engine : (null as never);

    beforeAll(async () => {
      const contexts = { build: await standInForBuild() };
      const args = { VERSION: "1.2.3", REVISION: "abc" };
      for (const target of ["migrate", "worker", "api"])
        await engine.build({
          dockerfile: join(root, "deploy/Dockerfile"),
          target,
          context: root,
          contexts,
          args,
        });
    });

    it("are small, run as nobody, and say what they are", async () => {
      const { Size, Config } = await engine.inspect("api");
      console.info(`image: ${(Size / 1e6).toFixed(1)} MB`);
      expect(Size).toBeLessThan(LARGEST_BYTES);
      expect(Config).toMatchObject({
        User: `${IMAGE.user}:${IMAGE.user}`,
        StopSignal: "SIGTERM",
        Entrypoint: [IMAGE.node],
        Cmd: [ENTRY.api],
      });
      expect(Config.Labels).toMatchObject({
        "org.opencontainers.image.version": "1.2.3",
        "org.opencontainers.image.revision": "abc",
      });
    });

    it("have nothing to break in with", async () => {
      const shell = engine.run("api", "station-shell", {}, ["--entrypoint", "/bin/sh"]);
      expect((await shell.ended).code).toBe(127);
      expect(shell.text()).toMatch(/no such file/i);
    });

    it("run all of Station on a volume, and find it again", async () => {
      const volume = ["-v", `station-data:${IMAGE.data}`];
      const env = { PORT: "0", STATION_ADMIN_PORT: "0", STATION_AUTH: "off" };
      const first = engine.run("api", "station-embedded", env, volume);
      const station = createStation(String((await first.logged("listening"))["url"]));
      const runId = await station.start(
        "incident-triage",
        { namespace: "prod", service: "checkout" },
        "default",
      );
      const { approvalId } = await station.asked(runId);
      expect(await first.stop()).toEqual({ code: 0, signal: null });
      const second = engine.run("api", "station-embedded-again", env, volume);
      const again = createStation(String((await second.logged("listening"))["url"]));
      await again.client.approve({ params: { approvalId } });
      expect(await again.ended(runId)).toMatchObject({ status: "COMPLETED" });
      expect(await second.stop()).toEqual({ code: 0, signal: null });
    });

    describeDistributed("with a queue and a database", () => {
      let servers: Servers;
      beforeAll(async () => {
        servers = await startServers();
      });
      afterAll(() => removeServers(servers));

      it("migrate, serve and work on a read-only disk without a capability, answer for their health, and stop", async () => {
        const env = { ...environmentOf(servers), PORT: "0", STATION_ADMIN_PORT: "0" };
        expect(await engine.run("migrate", "station-migrate", env).ended).toEqual({ code: 0, signal: null });
        const worker = engine.run("worker", "station-worker", env);
        const { url } = await worker.logged("admin listening");
        await worker.logged("working");
        const api = engine.run("api", "station-api", { ...env, STATION_AUTH: "off" });
        const station = createStation(String((await api.logged("listening"))["url"]));
        const input = { namespace: "prod", service: "checkout" };
        const runId = await station.start("incident-triage", input, "default");
        const { approvalId } = await station.asked(runId);
        await station.client.approve({ params: { approvalId } });
        expect(await station.ended(runId)).toMatchObject({ status: "COMPLETED" });

        const { port } = new URL(String(url));
        const check = ["/nodejs/bin/node", ENTRY.healthcheck, "/readyz"];
        expect(await engine.execIn("station-worker", check, { STATION_ADMIN_PORT: port })).toBe(0);
        expect(await engine.execIn("station-worker", check, { STATION_ADMIN_PORT: "1" })).toBe(1);
        for (const process of [api, worker]) expect(await process.stop()).toEqual({ code: 0, signal: null });
      });
    });
  },
);
