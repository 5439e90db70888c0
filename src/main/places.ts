import { fileURLToPath } from "node:url";

/** Where Station's own files are: beside the bundle, or in the repository. */
const home = new URL(import.meta.url.endsWith(".ts") ? "../../" : "./", import.meta.url);

/** The numbered `.sql` files. */
export const migrationsDir = fileURLToPath(new URL("migrations", home));

/** The package that says which version this is. */
export const packageFile = new URL("package.json", home);
