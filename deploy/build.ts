import { execFileSync } from "node:child_process";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { type Architecture, buildImage } from "./image.ts";
import { assemblePackage } from "./package.ts";

// `npm run build`: dist/ui (the web UI), dist/bundle (the programs) and dist/image (what a container holds).
const { values } = parseArgs({ options: { arch: { type: "string", default: process.arch } } });
const arch = values.arch as Architecture;
if (arch !== "x64" && arch !== "arm64") throw new Error(`--arch ${values.arch}: allowed are x64 and arm64`);

const root = join(import.meta.dirname, "..");
execFileSync(process.execPath, [join(root, "src/ui/build/build.ts")], { stdio: "inherit" });
const { bundled, native } = await buildImage(root, join(root, "dist"), arch);
await assemblePackage(root, join(root, "dist"));
const { sizes, packages } = bundled;
const total = [...sizes.values()].reduce((sum, bytes) => sum + bytes, 0);
console.log(
  `dist/bundle: ${sizes.size} files, ${(total / 1e6).toFixed(2)} MB, ${packages.size} packages inside`,
);
console.log(`dist/image: linux/${arch}, with ${[...native].join(", ")}`);
