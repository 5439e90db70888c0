import { Type } from "typebox";
import { BundleInstall, BundlePage, InstallBundleBody } from "../schemas/bundles.ts";
import { Environment } from "../schemas/common.ts";
import type { Route } from "./route.ts";

/** `/bundles`: agents, MCP servers and workflows that came as one archive. */
export const bundleRoutes = {
  listBundles: {
    method: "get",
    path: "/api/v1/bundles",
    tag: "Environments",
    summary: "List the bundles that were installed over the API, by name",
    needs: "runs:read",
    environment: "query",
    query: Type.Object({ environment: Environment }),
    ok: [200, BundlePage],
    problems: [],
  },
  installBundle: {
    method: "post",
    path: "/api/v1/bundles",
    tag: "Environments",
    summary: "Install a bundle, or say what that would change",
    description:
      "Its files stand beside the deployment's own, for all processes at once, and never replace one of those or of " +
      "another bundle. What a newer version no longer has goes. All or nothing; the workflows are published right " +
      "after, by a start of Station or by the same request again. MCP servers start programs: only an admin installs.",
    needs: "admin",
    environment: "body",
    body: InstallBundleBody,
    maxBodyBytes: 6_000_000,
    ok: [200, BundleInstall],
    problems: ["not-found", "bundle-refused", "digest-mismatch", "idempotency-key-reused"],
  },
} as const satisfies Record<string, Route>;
