import { type Static, Type } from "typebox";
import { NamedEnvironment, nullable, pageOf, Time } from "./common.ts";
import { SyncReport } from "./system.ts";

const Sha256 = Type.String({ pattern: "^[0-9a-f]{64}$", description: "SHA-256, hex" });

const bundle = {
  name: Type.String(),
  version: Type.String(),
  description: nullable(Type.String()),
  environment: Type.String(),
  digest: Type.String({ description: "SHA-256 of the archive, hex" }),
  signedBy: nullable(
    Type.String({ description: "Fingerprint of the key that signed it; null: it is not signed" }),
  ),
  files: Type.Array(
    Type.Object({ path: Type.String(), sha256: Type.String(), size: Type.Integer({ description: "Bytes" }) }),
  ),
};

/** A bundle that was installed. */
export const Bundle = Type.Object(
  { ...bundle, installedAt: Time, installedBy: Type.String() },
  { title: "Bundle" },
);
export type Bundle = Static<typeof Bundle>;

export const BundlePage = pageOf(Bundle, "BundlePage");

/** What is to be installed. */
export const InstallBundleBody = Type.Object(
  {
    archive: Type.String({
      minLength: 1,
      pattern: "^[A-Za-z0-9+/]*={0,2}$",
      description: "The file that `stn bundle create` made, in base64",
    }),
    environment: Type.Optional(NamedEnvironment),
    digest: Type.Optional({ ...Sha256, description: "Install it only if this is its SHA-256" }),
    dryRun: Type.Optional(Type.Boolean({ description: "Only say what would change" })),
  },
  {
    title: "InstallBundle",
    additionalProperties: false,
    examples: [{ archive: "UEsFBgAAAAAAAAAAAAAAAAAAAAAAAA==", dryRun: true }],
  },
);

/** What an install comes to, or came to. */
export const BundleInstall = Type.Object(
  {
    ...bundle,
    installed: Type.Boolean({ description: "False for a dry run" }),
    changes: Type.Array(
      Type.Object({
        path: Type.String(),
        change: Type.Enum(["adds", "replaces", "unchanged", "leaves", "removes"]),
      }),
    ),
    sync: Type.Optional(SyncReport),
  },
  { title: "BundleInstall" },
);
export type BundleInstall = Static<typeof BundleInstall>;
