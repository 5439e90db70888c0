import { execFileSync } from "node:child_process";
import { chmodSync, cpSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import { brotliCompressSync, constants } from "node:zlib";
import { runConformance } from "./conformance.ts";
import { artefact, hashOfInputs, type Provenance, provenance, root, sha256 } from "./provenance.ts";

// Rebuilds the evaluator: needs Go (the version below), patch, and the Go module proxy or a filled module cache.

const go = "1.26.8";
const flags = ["-trimpath", "-buildvcs=false", "-buildmode=c-shared", "-ldflags=-s -w -buildid="];
const packages = ["starlark", "syntax", "resolve", "internal/compile", "internal/spell"];
const build = join(root, "wasm/build");
const library = join(build, "go.starlark.net");

const source = fetchLibrary();
copyLibrary(source.directory);
const wasm = compile();
const packed = pack(wasm);
writeFileSync(artefact, packed);
writeFileSync(`${artefact}.sha256`, `${sha256(packed)}  ${basename(artefact)}\n`);
writeFileSync(join(root, "THIRD_PARTY_NOTICES"), notices());
const conformance = await runConformance(extractCases());
writeFileSync(
  provenance,
  `${JSON.stringify(
    {
      abi: 1,
      go,
      flags: flags.join(" "),
      library: source.library,
      inputs: hashOfInputs(),
      wasm: { bytes: wasm.length, sha256: sha256(wasm) },
      brotli: { bytes: packed.length, sha256: sha256(packed) },
      conformance,
    } satisfies Provenance,
    null,
    2,
  )}\n`,
);
console.log(`${basename(artefact)}: ${packed.length} bytes, wasm ${wasm.length} bytes ${sha256(wasm)}`);
console.log(`conformance: ${conformance.passed} of ${conformance.cases}`);

function run(command: string, args: readonly string[], environment: Record<string, string> = {}): string {
  return execFileSync(command, args, {
    cwd: join(root, "wasm"),
    encoding: "utf8",
    stdio: ["ignore", "pipe", "inherit"],
    env: {
      ...process.env,
      CGO_ENABLED: "0",
      GOTOOLCHAIN: `go${go}`,
      GOFLAGS: "-mod=mod",
      LC_ALL: "C",
      ...environment,
    },
  });
}

/** Downloads the pinned library; go.sum verifies it. */
function fetchLibrary(): { directory: string; library: Provenance["library"] } {
  const pinned = /go\.starlark\.net (\S+)/.exec(readFileSync(join(root, "wasm/go.mod"), "utf8"));
  const version = pinned?.[1];
  if (version === undefined) throw new Error("wasm/go.mod does not require go.starlark.net");
  const module = JSON.parse(run("go", ["mod", "download", "-json", `go.starlark.net@${version}`]));
  const sum: string = module.Sum;
  const sums = `go.starlark.net ${version} ${sum}\ngo.starlark.net ${version}/go.mod ${module.GoModSum}\n`;
  if (readFileSync(join(root, "wasm/go.sum"), "utf8") !== sums) {
    throw new Error(
      `wasm/go.sum is not that of the downloaded library; if the version was changed on purpose, it is\n${sums}`,
    );
  }
  return { directory: module.Dir, library: { module: "go.starlark.net", version, sum } };
}

/** Puts the patched packages, which need the standard library only, where build/go.mod finds them. */
function copyLibrary(from: string): void {
  rmSync(library, { recursive: true, force: true });
  for (const name of packages) cpSync(join(from, name), join(library, name), { recursive: true });
  cpSync(join(from, "LICENSE"), join(library, "LICENSE"));
  for (const entry of readdirSync(library, { recursive: true, withFileTypes: true })) {
    chmodSync(join(entry.parentPath, entry.name), entry.isDirectory() ? 0o755 : 0o644);
  }
  chmodSync(library, 0o755);
  // one implementation of integers everywhere: the other one is for native builds and needs golang.org/x/sys
  rmSync(join(library, "starlark/int_posix64.go"));
  const generic = join(library, "starlark/int_generic.go");
  writeFileSync(generic, readFileSync(generic, "utf8").replace(/^\/\/go:build .*\n/, ""));
  writeFileSync(join(library, "go.mod"), "module go.starlark.net\n\ngo 1.24.0\n");
  // -F0: a hunk that needs fuzz belongs to another version of the library
  run("patch", [
    "-d",
    library,
    "-p1",
    "-F0",
    "--no-backup-if-mismatch",
    "-i",
    join(root, "wasm/patches/limits.patch"),
  ]);
  cpSync(join(root, "wasm/patches/fuel.go"), join(library, "starlark/fuel.go"));
  const mod = readFileSync(join(root, "wasm/go.mod"), "utf8");
  writeFileSync(join(build, "go.mod"), `${mod}\nreplace go.starlark.net => ./build/go.starlark.net\n`);
}

function compile(): Buffer {
  run("go", ["vet", "-modfile=build/go.mod", "./evalcore", "./cmd/extract"]);
  run("go", ["test", "-modfile=build/go.mod", "./evalcore"]);
  const output = join(build, "starlark.wasm");
  run("go", ["build", "-modfile=build/go.mod", ...flags, "-o", output, "./cmd/wasi"], {
    GOOS: "wasip1",
    GOARCH: "wasm",
  });
  return readFileSync(output);
}

function pack(wasm: Buffer): Buffer {
  return brotliCompressSync(wasm, {
    params: {
      [constants.BROTLI_PARAM_QUALITY]: 11,
      [constants.BROTLI_PARAM_LGWIN]: 24,
      [constants.BROTLI_PARAM_SIZE_HINT]: wasm.length,
    },
  });
}

function notices(): string {
  const runtime = readFileSync(join(run("go", ["env", "GOROOT"]).trim(), "LICENSE"), "utf8");
  const starlark = readFileSync(join(library, "LICENSE"), "utf8");
  return [
    "starlark.wasm.br contains the following software in binary form.",
    `== go.starlark.net, with changes (wasm/patches) ==\n\n${starlark.trim()}`,
    `== The Go runtime and standard library ==\n\n${runtime.trim()}\n`,
  ].join("\n\n");
}

/** The assertions of the library's own tests, as expressions. Its text: never committed. */
function extractCases(): string {
  const tests = join(library, "starlark/testdata");
  const files = readdirSync(tests)
    .filter((name) => name.endsWith(".star"))
    .sort();
  const cases = run("go", [
    "run",
    "-modfile=build/go.mod",
    "./cmd/extract",
    ...files.map((name) => join(tests, name)),
  ]);
  const path = join(build, "cases.json");
  writeFileSync(path, cases);
  return path;
}
