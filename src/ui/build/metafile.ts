import type { Metafile } from "esbuild";

/** The output of `src/ui/main.tsx`. */
export function entryOf({ outputs }: Metafile): string {
  const found = Object.entries(outputs).find(([, { entryPoint }]) => entryPoint === "src/ui/main.tsx");
  if (!found) throw new Error("the build has no entry");
  return found[0];
}

/** A chunk with everything it imports statically: what must be there before it runs. */
export function staticClosure({ outputs }: Metafile, from: string): readonly string[] {
  const found = new Set<string>();
  const open = [from];
  for (let path = open.pop(); path !== undefined; path = open.pop()) {
    if (found.has(path)) continue;
    found.add(path);
    for (const { kind, path: target, external } of outputs[path]?.imports ?? [])
      if (kind === "import-statement" && !external) open.push(target);
  }
  return [...found];
}

/** The chunks of pages: what is loaded when a route is first shown. */
export function pagesOf({ outputs }: Metafile): readonly string[] {
  return Object.entries(outputs)
    .filter(([, { entryPoint }]) => entryPoint !== undefined && /-page\.tsx$/.test(entryPoint))
    .map(([path]) => path);
}
