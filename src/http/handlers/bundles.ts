import type { BundleManifest } from "../../core/bundle/manifest.ts";
import { isoTime } from "../../core/time.ts";
import { type BundlePlan, installOnServer } from "../../engine/bundle/install-bundle.ts";
import { BundleRefused } from "../../engine/errors.ts";
import type { ServerBundle } from "../../engine/ports/installed.ts";
import type { Handlers } from "../handler.ts";
import type { HttpPorts } from "../ports.ts";
import { HttpProblem, notFound } from "../problems.ts";
import type { Bundle, BundleInstall } from "../schemas/bundles.ts";
import { DEFAULT_ENVIRONMENT } from "../schemas/common.ts";

/** `/bundles`: what is installed, and installing. */
export function bundleHandlers(ports: HttpPorts): Handlers<"listBundles" | "installBundle"> {
  return {
    async listBundles({ query: { environment } }) {
      const bundles = await ports.store.bundles.list(environment);
      return { body: { items: bundles.map((bundle) => bundleJson(environment, bundle)), nextCursor: null } };
    },

    async installBundle({ body, by, idempotencyKey }) {
      const { archive, environment = DEFAULT_ENVIRONMENT, digest = null, dryRun = false } = body;
      const installed = await installOnServer(ports, {
        environment,
        bytes: Buffer.from(archive, "base64"),
        digest,
        dryRun,
        by,
        key: idempotencyKey,
      }).catch((error: unknown) => {
        if (error instanceof BundleRefused)
          throw new HttpProblem("bundle-refused", `the bundle is refused: ${error.message}`, {
            cause: error,
          });
        throw error;
      });
      switch (installed.status) {
        case "planned":
          return { body: installJson(installed.plan, { installed: false }) };
        case "installed": {
          const { plan, sync, replayed } = installed;
          const { name, version } = plan.manifest;
          ports.log.info("bundle installed", { environment, bundle: name, version, actor: by.actor });
          const headers = replayed ? { "idempotent-replayed": "true" } : {};
          return { body: installJson(plan, { installed: true, sync }), headers };
        }
        case "other-digest":
          throw new HttpProblem(
            "digest-mismatch",
            `the bundle has the digest ${installed.digest}, not the one that was asked for: nothing was installed`,
          );
        case "key-reused":
          throw new HttpProblem(
            "idempotency-key-reused",
            "the key came with another bundle or environment before",
          );
        case "no-environment": {
          const { known } = installed;
          const others = known.length === 0 ? "it has none" : `it has ${known.join(", ")}`;
          throw notFound(`a folder of environment "${environment}" on this server (${others})`);
        }
      }
    },
  };
}

function bundleJson(environment: string, bundle: ServerBundle): Bundle {
  const { manifest, digest, signedBy, installedAt, installedBy } = bundle;
  return {
    ...manifestJson(manifest),
    environment,
    digest,
    signedBy,
    installedAt: isoTime(installedAt),
    installedBy,
  };
}

function installJson(
  { environment, manifest, digest, signedBy, changes }: BundlePlan,
  outcome: Pick<BundleInstall, "installed" | "sync">,
): BundleInstall {
  const told = changes.map(({ path, change }) => ({ path, change }));
  return { ...manifestJson(manifest), environment, digest, signedBy, changes: told, ...outcome };
}

function manifestJson({ name, version, description, files }: BundleManifest) {
  return {
    name,
    version,
    description,
    files: files.map(({ path, sha256, size }) => ({ path, sha256, size })),
  };
}
