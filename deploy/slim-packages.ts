import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import type { Plugin } from "esbuild";

/**
 * Leaves out what packages bring for nobody (zod's messages in every language) and what two of them bring alike: the
 * validator that both halves of the MCP SDK hold a copy of, as long as the copies say the same.
 */
export function slimPackages(root: string): Plugin {
  return {
    name: "slim-packages",
    async setup({ onResolve, onLoad }) {
      onResolve({ filter: /\/locales\/index\.js$/ }, ({ path, importer }) =>
        importer.includes("node_modules/zod/") ? { path, namespace: "nothing" } : undefined,
      );
      onLoad({ filter: /.*/, namespace: "nothing" }, () => ({ contents: "export {};" }));
      const [one, other] = await Promise.all(["client", "server"].map((half) => validatorOf(root, half)));
      if (one === undefined || other === undefined || one.code !== other.code) return;
      onResolve({ filter: /\/ajvProvider-[\w-]+\.mjs$/ }, ({ importer }) =>
        importer.includes("@modelcontextprotocol/server/") ? { path: one.path } : undefined,
      );
    },
  };
}

type Validator = { readonly path: string; readonly code: string };

async function validatorOf(root: string, half: string): Promise<Validator | undefined> {
  const folder = join(root, "node_modules/@modelcontextprotocol", half, "dist");
  const name = (await readdir(folder)).find((file) => /^ajvProvider-[\w-]+\.mjs$/.test(file));
  if (name === undefined) return undefined;
  const path = join(folder, name);
  // The names of the files it imports and of its source map are all that may differ.
  return { path, code: (await readFile(path, "utf8")).replace(/^(?:import|\/\/#) .*$/gm, "") };
}
