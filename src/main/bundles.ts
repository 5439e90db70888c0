import { join } from "node:path";
import { bundleFilesIn, environmentFolder } from "../adapters/bundles/environment-folder.ts";
import { zipArchive } from "../adapters/bundles/zip.ts";
import { isEnvironmentName } from "../adapters/files/environments.ts";
import type { Bundles } from "../cli/deps.ts";
import {
  createBundle,
  installBundle,
  mustBeTrusted,
  openBundle,
  planInstall,
} from "../engine/bundle/bundle.ts";
import { createKeyPair, fingerprintOfPem } from "../engine/bundle/signature.ts";
import { BundleRefused } from "../engine/errors.ts";

/** Bundles of the environments below a folder. */
export function createBundles(environmentsDir: string): Bundles {
  const folderOf = (environment: string) => {
    if (!isEnvironmentName(environment))
      throw new BundleRefused(`"${environment}" is no name for an environment`);
    return join(environmentsDir, environment);
  };
  const targetOf = (environment: string) => environmentFolder(folderOf(environment));
  return {
    async create(environment, identity, privateKey) {
      const files = await bundleFilesIn(folderOf(environment));
      return createBundle(zipArchive, identity, files, privateKey);
    },
    async open(bytes, trusted) {
      const bundle = await openBundle(zipArchive, bytes);
      mustBeTrusted(bundle, trusted.map(fingerprintOfPem));
      return bundle;
    },
    plan: (bundle, environment) => planInstall(bundle, targetOf(environment)),
    install: (bundle, environment) => installBundle(bundle, targetOf(environment)),
    list: (environment) => targetOf(environment).installed(),
    keygen: createKeyPair,
  };
}
