import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import {
  chmod,
  chown,
  copyFile,
  cp,
  mkdir,
  open,
  readdir,
  readFile,
  realpath,
  rm,
  writeFile,
} from "node:fs/promises";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import { IMAGE } from "../infra/shared/runtime-contract.ts";

// `node deploy/rootfs.ts FOLDER [ADDON…]`: all the operating system that the image has, made out of the one this runs
// in: node without its symbols, the shared libraries that it and the addons load, and who owns those files, so that
// scanners see what distribution and versions they are.
const run = promisify(execFile);
const [out = "rootfs", ...addons] = process.argv.slice(2);
const uid = Number(IMAGE.user);

await rm(out, { recursive: true, force: true });
const node = join(out, IMAGE.node);
await mkdir(dirname(node), { recursive: true });
await copyFile(process.execPath, node);
await chmod(node, 0o755);
// A seventh of it. Nothing reads them: a core dump is looked at with the distribution's own copy.
await withoutGaps(node);
await run("objcopy", ["--strip-all", "--set-section-alignment", "lpstub=4096", node]);

// As it lies where node's own archive was unpacked; npm's package of node has none.
const licence = join(dirname(process.execPath), "../LICENSE");
if (existsSync(licence)) await copyFile(licence, join(dirname(node), "LICENSE"));

const libraries = new Set((await Promise.all([process.execPath, ...addons].map(librariesOf))).flat());
for (const path of libraries) {
  await mkdir(join(out, dirname(path)), { recursive: true });
  await copyFile(path, join(out, path));
}
const packages = await copyOwners(libraries);

for (const folder of ["etc", "tmp", "data"]) await mkdir(join(out, folder), { recursive: true });
await chmod(join(out, "tmp"), 0o1777);
// Where a volume is mounted when all of Station runs in one container: an engine copies the owner from here.
await chown(join(out, "data"), uid, uid);
await writeFile(join(out, "etc/passwd"), `root:x:0:0::/:/none\nstation:x:${uid}:${uid}::/tmp:/none\n`);
await writeFile(join(out, "etc/group"), `root:x:0:\nstation:x:${uid}:\n`);
await writeFile(join(out, "etc/nsswitch.conf"), "hosts: files dns\n");
await cp(await realpath("/etc/os-release"), join(out, "etc/os-release"));
console.log(`${out}: node ${process.version}, ${libraries.size} libraries of ${packages.join(", ")}`);

/**
 * Allows a program's segments to follow each other in the file. Node aligns one to 2 MiB, for huge pages that are off
 * unless asked for (`--use-largepages`), which leaves nearly as many zeros before it. Where they lie in memory stays.
 */
async function withoutGaps(path: string): Promise<void> {
  // ELF, 64 bit: where the table of segments is, its length, and in each entry of 56 bytes its type and alignment.
  const file = await open(path, "r+");
  try {
    const header = Buffer.alloc(64);
    await file.read(header, 0, header.length, 0);
    const [start, count] = [Number(header.readBigUInt64LE(32)), header.readUInt16LE(56)];
    const table = Buffer.alloc(count * 56);
    await file.read(table, 0, table.length, start);
    const loaded = Array.from({ length: count }, (_, i) => i * 56).filter(
      (at) => table.readUInt32LE(at) === 1,
    );
    const page = Math.min(...loaded.map((at) => Number(table.readBigUInt64LE(at + 48))));
    for (const at of loaded) table.writeBigUInt64LE(BigInt(page), at + 48);
    await file.write(table, 0, table.length, start);
  } finally {
    await file.close();
  }
}

/** What the dynamic loader would load for a program or an addon, and the loader itself. */
async function librariesOf(path: string): Promise<readonly string[]> {
  const { stdout } = await run(await loader(), ["--list", path]);
  return [...stdout.matchAll(/(\/\S+) \(0x/g)].map(([, found]) => found as string);
}

async function loader(): Promise<string> {
  const path = process.arch === "arm64" ? "/lib/ld-linux-aarch64.so.1" : "/lib64/ld-linux-x86-64.so.2";
  await realpath(path);
  return path;
}

/**
 * Copies what dpkg says of the packages that these files are from, and their licences, as distroless images do;
 * answers their names.
 */
async function copyOwners(paths: ReadonlySet<string>): Promise<readonly string[]> {
  const info = "/var/lib/dpkg/info";
  const names = new Set<string>();
  const wanted = new Set<string>();
  for (const path of paths)
    for (const form of [path, await realpath(path)]) wanted.add(form.replace(/^\/usr/, ""));
  for (const file of (await readdir(info)).filter((name) => name.endsWith(".list"))) {
    const owned = (await readFile(join(info, file), "utf8")).split("\n");
    if (owned.some((path) => wanted.has(path.replace(/^\/usr/, ""))))
      names.add(file.replace(/(?::[^.]+)?\.list$/, ""));
  }
  const status = (await readFile("/var/lib/dpkg/status", "utf8")).split("\n\n");
  const folder = join(out, "var/lib/dpkg/status.d");
  await mkdir(folder, { recursive: true });
  for (const name of names) {
    const entry = status.find((text) => text.startsWith(`Package: ${name}\n`));
    if (entry === undefined) throw new Error(`dpkg does not know ${name}, whose files are used`);
    await writeFile(join(folder, name), `${entry.trim()}\n`);
    const licence = join("/usr/share/doc", name, "copyright");
    await mkdir(join(out, dirname(licence)), { recursive: true });
    await copyFile(licence, join(out, licence));
  }
  return [...names].sort();
}
