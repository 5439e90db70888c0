import { resolve } from "node:path";
import type { Installation } from "../http/ports.ts";
import type { Config } from "./config.ts";

/** What of a configuration the installation's admins are told. */
export function installationOf({
  dataDir,
  environmentsDir,
  keeping,
  database,
  auth,
}: Pick<Config, "dataDir" | "environmentsDir" | "keeping" | "database" | "auth">): Installation {
  const oidc = auth.kind === "on" ? auth.oidc : null;
  return {
    paths: {
      data: resolve(dataDir),
      environments: resolve(environmentsDir),
      archive: resolve(keeping.archiveDir),
      database: database.kind === "file" ? resolve(database.path) : null,
    },
    retention: keeping.retention,
    provider: oidc && { issuer: oidc.issuer, clientId: oidc.clientId, rules: oidc.rules },
  };
}
