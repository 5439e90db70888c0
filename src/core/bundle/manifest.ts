import { isList, isObject, type JsonValue } from "../json.ts";

/** What a bundle says of itself. Its text is what is signed, and it names every file by its checksum. */
export type BundleManifest = {
  readonly format: 1;
  readonly name: string;
  readonly version: string;
  readonly description: string | null;
  /** Sorted by path. */
  readonly files: readonly BundleFile[];
};

export type BundleFile = {
  /** Within an environment: `workflows/incident-triage.workflow.yaml`. */
  readonly path: string;
  /** Hex. */
  readonly sha256: string;
  /** Bytes. */
  readonly size: number;
};

const NAME = /^[a-z0-9][a-z0-9._-]{0,63}$/;
const VERSION = /^[0-9A-Za-z][0-9A-Za-z.+_-]{0,63}$/;

/** What is wrong with a bundle's name or version; `null` when nothing is. */
export function identityProblem({ name, version }: { readonly name: string; readonly version: string }) {
  if (!NAME.test(name)) return `"${name}" is no name for a bundle: small letters, digits, ".", "_" and "-"`;
  return VERSION.test(version) ? null : `"${version}" is no version for a bundle: like 1.2.0`;
}

/** The one text of a manifest: the same manifest is the same bytes. */
export function manifestText({ format, name, version, description, files }: BundleManifest): string {
  const sorted = files
    .map(({ path, sha256, size }) => ({ path, sha256, size }))
    .toSorted((a, b) => (a.path < b.path ? -1 : 1));
  return `${JSON.stringify({ format, name, version, description, files: sorted }, null, 2)}\n`;
}

/** A manifest from its parsed text, or what is wrong with it. */
export function readManifest(value: JsonValue): BundleManifest | string {
  if (!isObject(value)) return "the manifest is not an object";
  const { format, name, version, description = null, files } = value;
  if (format !== 1)
    return `the manifest has format ${JSON.stringify(format)}; this version of Station reads format 1`;
  if (typeof name !== "string" || typeof version !== "string") return "the manifest has no name and version";
  const problem = identityProblem({ name, version });
  if (problem !== null) return problem;
  if (!isList(files)) return "the manifest lists no files";
  const listed: BundleFile[] = [];
  for (const file of files) {
    const { path, sha256, size } = isObject(file) ? file : {};
    if (typeof path !== "string" || typeof sha256 !== "string" || typeof size !== "number")
      return "a file of the manifest has no path, sha256 and size";
    listed.push({ path, sha256, size });
  }
  return {
    format,
    name,
    version,
    description: typeof description === "string" ? description : null,
    files: listed,
  };
}
