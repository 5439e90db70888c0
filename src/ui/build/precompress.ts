import { readdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { gzip } from "node:zlib";

const COMPRESSIBLE = /\.(?:js|css|svg|txt)$/;
const zip = promisify(gzip);

/** Puts a `.gz` in the place of every text file of a folder: the server never compresses, and nothing lies there twice. */
export async function precompress(folder: string): Promise<void> {
  const names = (await readdir(folder)).filter((name) => COMPRESSIBLE.test(name));
  await Promise.all(
    names.map(async (name) => {
      const path = join(folder, name);
      await writeFile(`${path}.gz`, await zip(await readFile(path), { level: 9 }));
      await rm(path);
    }),
  );
}
