import { readdir, readFile } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import type { Plugin } from "esbuild";
import { routeList } from "../../http/contract.ts";

/**
 * `every-stylesheet` imports every CSS module there is: esbuild writes the stylesheet of a lazily loaded page, but
 * nothing would ever load it.
 */
export function everyStylesheet(root: string): Plugin {
  return {
    name: "every-stylesheet",
    setup({ onResolve, onLoad }) {
      onResolve({ filter: /^every-stylesheet$/ }, ({ path }) => ({ path, namespace: "every-stylesheet" }));
      onLoad({ filter: /.*/, namespace: "every-stylesheet" }, async () => {
        const folder = join(root, "src/ui");
        const files = (await readdir(folder, { recursive: true })).filter((file) =>
          file.endsWith(".module.css"),
        );
        const imports = files.sort().map((file) => `import ${JSON.stringify(`./${file}`)};`);
        return { contents: imports.join("\n"), resolveDir: folder };
      });
    },
  };
}

/** The browser needs of the route table what a request is made of; the schemas stay with the server. */
export function slimContract(root: string): Plugin {
  const table = routeList.map(([name, { method, path, media }]) => [name, { method, path, media }]);
  const contract = join(root, "src/http/contract.ts");
  return {
    name: "slim-contract",
    setup({ onLoad }) {
      onLoad({ filter: /[\\/]contract\.ts$/ }, ({ path }) =>
        path === contract ? { contents: `export const routeList = ${JSON.stringify(table)};` } : undefined,
      );
    },
  };
}

/**
 * Everything that is loaded later imports the shell and the kit first. What they are made of is then needed by all
 * alike and lies in few files; otherwise it would be cut into one for every set of pages that share something.
 */
export function shellInOnePiece(root: string): Plugin {
  const folder = join(root, "src/ui");
  return {
    name: "shell-in-one-piece",
    async setup({ onLoad, onResolve }) {
      const later = await loadedLater(folder);
      const kit = (await readdir(join(folder, "kit")))
        .filter((file) => file.endsWith(".tsx") && !later.has(join(folder, "kit", file)))
        .sort();
      const shell = ["every-stylesheet", "./shell/shell.tsx", ...kit.map((file) => `./kit/${file}`)];
      onResolve({ filter: /^the-shell$/ }, ({ path }) => ({ path, namespace: "the-shell" }));
      onLoad({ filter: /.*/, namespace: "the-shell" }, () => ({
        contents: shell.map((file) => `import ${JSON.stringify(file)};`).join("\n"),
        resolveDir: folder,
      }));
      onLoad({ filter: /\.tsx?$/ }, async ({ path }) =>
        later.has(path)
          ? {
              contents: `import "the-shell";${await readFile(path, "utf8")}`,
              loader: path.endsWith("x") ? "tsx" : "ts",
            }
          : undefined,
      );
    },
  };
}

/** The files that are imported while the app runs. */
async function loadedLater(folder: string): Promise<ReadonlySet<string>> {
  const files = (await readdir(folder, { recursive: true })).filter((file) => /\.tsx?$/.test(file));
  const found = await Promise.all(
    files.map(async (file) => {
      const text = await readFile(join(folder, file), "utf8");
      return [...text.matchAll(/\bimport\("(\.[^"]+)"\)/g)].map(([, target = ""]) =>
        resolve(folder, dirname(file), target),
      );
    }),
  );
  return new Set(found.flat());
}
