import { execFile } from "node:child_process";
import { promisify } from "node:util";

type Component = { readonly name: string; readonly group?: string; readonly "bom-ref": string };
type Sbom = {
  readonly components: readonly Component[];
  readonly dependencies: readonly { readonly ref: string; readonly dependsOn?: readonly string[] }[];
};

/** CycloneDX of exactly the packages that are shipped: what npm knows about them, and nothing of the workshop. */
export async function sbomOf(root: string, shipped: ReadonlySet<string>): Promise<string> {
  const { stdout } = await promisify(execFile)(
    "npm",
    ["sbom", "--package-lock-only", "--sbom-format=cyclonedx", "--sbom-type=application"],
    { cwd: root, maxBuffer: 64 * 1024 * 1024 },
  );
  const sbom = JSON.parse(stdout) as Sbom;
  const components = sbom.components.filter(({ name }) => shipped.has(name));
  const missing = [...shipped].filter((name) => !components.some((component) => component.name === name));
  if (missing.length > 0) throw new Error(`npm's list does not know what is shipped: ${missing.join(", ")}`);
  const refs = new Set(components.map((component) => component["bom-ref"]));
  const dependencies = sbom.dependencies
    .filter(({ ref }) => refs.has(ref))
    .map(({ ref, dependsOn = [] }) => ({ ref, dependsOn: dependsOn.filter((needed) => refs.has(needed)) }));
  return `${JSON.stringify({ ...sbom, components, dependencies }, null, 1)}\n`;
}
