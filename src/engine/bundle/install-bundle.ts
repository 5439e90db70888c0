import { createHash } from "node:crypto";
import type { BundleManifest } from "../../core/bundle/manifest.ts";
import { foldedPath } from "../../core/bundle/paths.ts";
import { type PlannedChange, planOf } from "../../core/bundle/plan.ts";
import type { By } from "../../core/identity/channel.ts";
import { adminEvent } from "../admin-event.ts";
import { BundleRefused } from "../errors.ts";
import type { Archive, ArchiveLimits } from "../ports/bundles.ts";
import type { InstalledFile, ServerBundle } from "../ports/installed.ts";
import type { Once } from "../ports/runs.ts";
import { type NoFolder, type SyncPorts, type SyncReport, syncEnvironment } from "../sync.ts";
import { type Bundle, mustBeTrusted, openBundle } from "./bundle.ts";

/** A bundle goes through memory and one transaction, so it may be less than one that is written into a folder. */
const LIMITS: ArchiveLimits = { entries: 1_000, entryBytes: 500_000, totalBytes: 8_000_000 };

/** How often an install is planned anew when others are faster. */
const MAX_PLANS = 5;
const ROUTE = "POST /bundles";
const KEPT_MS = 24 * 60 * 60 * 1000;

export type InstallPorts = SyncPorts & {
  readonly archive: Archive;
  /** Fingerprints of the keys whose bundles are taken; none: whoever signed it, or nobody. */
  readonly bundleKeys: readonly string[];
};

export type InstallRequest = {
  readonly environment: string;
  readonly bytes: Uint8Array;
  /** SHA-256 (hex) of the bytes that were meant; `null`: whatever comes. */
  readonly digest: string | null;
  readonly dryRun: boolean;
  readonly by: By;
  readonly key: string | null;
};

/** What an install comes to, or came to. */
export type BundlePlan = {
  readonly environment: string;
  readonly manifest: BundleManifest;
  readonly digest: string;
  readonly signedBy: string | null;
  readonly changes: readonly PlannedChange[];
};

export type Installed =
  | { readonly status: "planned"; readonly plan: BundlePlan }
  /** `sync`: what became of the environment's workflows. */
  | {
      readonly status: "installed";
      readonly plan: BundlePlan;
      readonly replayed: boolean;
      readonly sync: SyncReport;
    }
  | { readonly status: "other-digest"; readonly digest: string }
  | { readonly status: "key-reused" }
  | ({ readonly status: "no-environment" } & NoFolder);

/**
 * Installs a bundle into an environment of this Station, for all its processes, and brings the workflows in line. Its
 * files stand beside the deployment's own and never in their place. All or nothing; whoever dies before the workflows
 * are published leaves that to the next start, or to the same request again. Throws `BundleRefused` with the reason.
 */
export async function installOnServer(ports: InstallPorts, request: InstallRequest): Promise<Installed> {
  const { environment, bytes, dryRun } = request;
  const known = await ports.files.list();
  if (!known.includes(environment)) return { status: "no-environment", known };
  const digest = sha256(bytes);
  if (request.digest !== null && request.digest !== digest) return { status: "other-digest", digest };
  const bundle = await openBundle(ports.archive, bytes, LIMITS);
  mustBeTrusted(bundle, ports.bundleKeys);
  const files = textsOf(bundle);
  if (dryRun) return { status: "planned", plan: await planned(ports, environment, bundle, digest) };
  const kept = await keep(ports, request, { bundle, digest, files });
  if (kept === "key-reused") return { status: kept };
  const sync = await syncEnvironment(ports, {
    environment,
    dryRun: false,
    by: request.by.actor,
    channel: request.by.channel,
  });
  if ("known" in sync) return { status: "no-environment", known: sync.known };
  return { status: "installed", ...kept, sync };
}

type Opened = {
  readonly bundle: Bundle;
  readonly digest: string;
  readonly files: readonly Omit<InstalledFile, "bundle">[];
};

async function keep(
  ports: InstallPorts,
  { environment, by, key }: InstallRequest,
  { bundle, digest, files }: Opened,
): Promise<{ readonly plan: BundlePlan; readonly replayed: boolean } | "key-reused"> {
  const { store, clock } = ports;
  const { manifest, signedBy } = bundle;
  const requestHash = sha256(Buffer.from(JSON.stringify([environment, digest])));
  const once = key === null ? null : { principal: by.actor, route: ROUTE, key, requestHash };
  const replayOf = (kept: { readonly requestHash: string; readonly answer: unknown }) =>
    kept.requestHash === requestHash
      ? { plan: kept.answer as BundlePlan, replayed: true }
      : ("key-reused" as const);
  const before = once && (await store.runs.answered(once, clock.now()));
  if (before) return replayOf(before);
  for (let attempt = 1; ; attempt++) {
    const revision = await store.bundles.revision(environment);
    const plan = await planned(ports, environment, bundle, digest);
    const same = (await store.bundles.list(environment)).some((one) => one.digest === digest);
    if (same) return { plan, replayed: false };
    const event = adminEvent(clock, by, {
      action: "bundle.installed",
      environment,
      subject: `bundle:${environment}/${manifest.name}`,
      data: { version: manifest.version, digest, signedBy, ...countsOf(plan) },
    });
    const installed: ServerBundle = {
      manifest,
      digest,
      signedBy,
      installedAt: event.at,
      installedBy: by.actor,
    };
    const answer = plan as unknown as Once["answer"];
    const result = await store.bundles.install(
      { environment, revision, bundle: installed, files },
      event,
      once && { ...once, answer, expiresAt: event.at + KEPT_MS },
    );
    if (result === "installed") return { plan, replayed: false };
    if (result !== "stale") return replayOf(result);
    if (attempt === MAX_PLANS)
      throw new BundleRefused(`others install into "${environment}" at the same time; try again`);
  }
}

async function planned(
  { store, files }: InstallPorts,
  environment: string,
  { manifest, signedBy }: Bundle,
  digest: string,
): Promise<BundlePlan> {
  const [own, installed, bundles] = await Promise.all([
    files.own(environment),
    store.bundles.files(environment),
    store.bundles.list(environment),
  ]);
  const others = installed.filter(({ bundle }) => bundle !== manifest.name);
  const taken = new Map([
    ...others.map(({ path, bundle }) => [foldedPath(path), `of the bundle "${bundle}"`] as const),
    ...own.map((path) => [foldedPath(path), "of the deployment's own files"] as const),
  ]);
  const clash = manifest.files.find(({ path }) => taken.has(foldedPath(path)));
  if (clash)
    throw new BundleRefused(
      `"${clash.path}" is there already: it is one ${taken.get(foldedPath(clash.path))}, which an install does not replace`,
    );
  const before = bundles.find((bundle) => bundle.manifest.name === manifest.name) ?? null;
  const present = new Map(installed.map(({ path, sha256: sum }) => [path, sum]));
  const { changes } = planOf(manifest, present, before?.manifest ?? null, "removes");
  return { environment, manifest, digest, signedBy, changes };
}

function countsOf({ changes }: BundlePlan): Readonly<Record<string, number>> {
  const counts: Record<string, number> = {};
  for (const { change } of changes) counts[change] = (counts[change] ?? 0) + 1;
  return counts;
}

/** What agents, servers and workflows are read from is text. */
function textsOf({ files }: Bundle): Opened["files"] {
  return files.map(({ path, bytes }) => {
    try {
      const text = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
      if (!text.includes("\0")) return { path, text, sha256: sha256(bytes) };
    } catch (cause) {
      throw new BundleRefused(`"${path}" is not UTF-8`, { cause });
    }
    throw new BundleRefused(`"${path}" is no text`);
  });
}

function sha256(bytes: Uint8Array): string {
  return createHash("sha256").update(bytes).digest("hex");
}
