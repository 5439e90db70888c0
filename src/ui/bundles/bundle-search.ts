import { environmentSearch } from "../workflows/workflow-list-search.ts";

/** What the address of the bundles says: the environment they are installed in. */
export type BundleSearch = { readonly environment?: string | undefined };

/** Reads the address; what it does not understand is left out. */
export function bundleSearch({ environment }: Record<string, unknown>): BundleSearch {
  return environmentSearch(environment);
}
