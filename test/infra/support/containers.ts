import { execFile } from "node:child_process";
import { cp, mkdir, rm, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import { launchCommand, type StationProcess } from "../../integration/stories/support/process.ts";

const exec = promisify(execFile);

/** A container engine without a daemon, with a store of its own. */
export type Engine = {
  /** Builds a target of a Dockerfile; `contexts` stand in for stages of these names. */
  build(options: {
    readonly dockerfile: string;
    readonly target: string;
    readonly context: string;
    readonly contexts: Readonly<Record<string, string>>;
    readonly args: Readonly<Record<string, string>>;
  }): Promise<void>;
  inspect(target: string): Promise<ImageConfig>;
  /** Runs a target as a platform would: read-only, without any capability, on the host's network. */
  run(
    target: string,
    name: string,
    env: Readonly<Record<string, string>>,
    args?: readonly string[],
  ): StationProcess;
  /** Runs a command in a running container; answers its exit code. */
  execIn(name: string, command: readonly string[], env?: Readonly<Record<string, string>>): Promise<number>;
  remove(): Promise<void>;
};

export type ImageConfig = {
  readonly Size: number;
  readonly Config: Readonly<Record<string, unknown>> & { readonly Labels: Readonly<Record<string, string>> };
};

/** buildah and podman, or why they cannot run a container here. */
export async function openEngine(
  folder: string,
): Promise<{ readonly ok: true; readonly engine: Engine } | { readonly ok: false; readonly reason: string }> {
  const engine = createEngine(folder);
  try {
    await probe(engine, join(folder, "probe"));
    return { ok: true, engine };
  } catch (error) {
    await engine.remove();
    const { message, stderr } = error as Error & { stderr?: string };
    return { ok: false, reason: `no container runs here: ${(stderr || message).trim().split("\n").at(-1)}` };
  }
}

function createEngine(folder: string): Engine {
  const store = [
    "--storage-driver",
    "overlay",
    "--root",
    join(folder, "store"),
    "--runroot",
    join(folder, "run"),
  ];
  const podman = ["podman", ...store, "--cgroup-manager", "cgroupfs", "--runtime", "runc"];
  const call = ([program = "", ...args]: readonly string[]) =>
    exec(program, args, { maxBuffer: 64 * 1024 * 1024, timeout: 170_000 });
  return {
    async build({ dockerfile, target, context, contexts, args }) {
      await call([
        ...["buildah", ...store, "bud", "--isolation", "chroot", "--format", "docker", "--target", target],
        ...Object.entries(contexts).flatMap(([name, path]) => ["--build-context", `${name}=${path}`]),
        ...Object.entries(args).flatMap(([name, value]) => ["--build-arg", `${name}=${value}`]),
        ...["-t", imageOf(target), "-f", dockerfile, context],
      ]);
    },
    async inspect(target) {
      const { stdout } = await call([...podman, "image", "inspect", imageOf(target)]);
      return JSON.parse(stdout)[0];
    },
    run(target, name, env, args = []) {
      const limits = ["--ulimit", "nofile=4096:4096", "--ulimit", "nproc=4096:4096"];
      const hardened = ["--read-only", "--read-only-tmpfs=false", "--cap-drop", "all"];
      return launchCommand(
        [
          ...[...podman, "run", "--rm", "--name", name, "--network", "host", "--no-healthcheck"],
          ...["--security-opt", "no-new-privileges", ...hardened, ...limits, ...variablesOf(env)],
          ...[...args, imageOf(target)],
        ],
        { directory: folder, env: { HOME: folder } },
      );
    },
    execIn: (name, command, env = {}) =>
      call([...podman, "exec", ...variablesOf(env), name, ...command]).then(
        () => 0,
        (error: { readonly code?: number }) => error.code ?? 1,
      ),
    async remove() {
      for (const args of [
        ["rm", "-fa"],
        ["rmi", "-fa"],
      ])
        await call([...podman, ...args]).catch(() => undefined);
      await rm(folder, { recursive: true, force: true });
    },
  };
}

function variablesOf(env: Readonly<Record<string, string>>): readonly string[] {
  return Object.entries(env).flatMap(([key, value]) => ["-e", `${key}=${value}`]);
}

function imageOf(target: string): string {
  return `localhost/station-${target}`;
}

/** Builds and runs the smallest image there can be. */
async function probe(engine: Engine, folder: string): Promise<void> {
  const { stdout } = await exec("ldd", ["/bin/true"]);
  const files = ["/bin/true", ...[...stdout.matchAll(/(\/\S+) \(0x/g)].map(([, path]) => path as string)];
  for (const file of files) {
    await mkdir(join(folder, "root", dirname(file)), { recursive: true });
    await cp(file, join(folder, "root", file), { dereference: true });
  }
  const dockerfile = join(folder, "Dockerfile");
  await writeFile(dockerfile, 'FROM scratch AS probe\nCOPY root /\nCMD ["/bin/true"]\n');
  await engine.build({ dockerfile, target: "probe", context: folder, contexts: {}, args: {} });
  const process = engine.run("probe", "station-probe", {});
  const { code } = await process.ended;
  if (code !== 0) throw new Error(process.text() || `the probe ends with ${code}`);
}
