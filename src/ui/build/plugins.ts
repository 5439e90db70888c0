import { readdir } from "node:fs/promises";
import { join } from "node:path";
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
