import { readFileSync } from "node:fs";
import { App, type IPolicyValidationPlugin, Validations } from "aws-cdk-lib/core";
import { EcsConfig } from "./config.ts";
import { StationStack } from "./station-stack.ts";

type Resource = { readonly Type: string; readonly Properties: Readonly<Record<string, unknown>> };
type Template = { readonly Resources: Readonly<Record<string, Resource>> };

/** The example, with what a test changes of it. */
export function configWith(changes: Readonly<Record<string, unknown>> = {}) {
  const example = JSON.parse(readFileSync(new URL("config.example.json", import.meta.url), "utf8"));
  return EcsConfig.safeParse({ ...example, ...changes });
}

/** The CloudFormation that a configuration comes to, made as `cdk synth` makes it. */
export function synthesise(
  changes: Readonly<Record<string, unknown>> = {},
  plugin?: (app: App) => IPolicyValidationPlugin,
  alter: (stack: StationStack) => void = () => {},
): Template {
  const config = configWith(changes);
  if (!config.success) throw config.error;
  const { context } = JSON.parse(readFileSync(new URL("cdk.json", import.meta.url), "utf8"));
  const app = new App({ context, analyticsReporting: false });
  const stack = new StationStack(app, config.data);
  alter(stack);
  if (plugin) Validations.of(app).addPlugins(plugin(app));
  const assembly = app.synth();
  const missing = assembly.manifest.missing ?? [];
  if (missing.length > 0) throw new Error(`synthesis asks AWS: ${JSON.stringify(missing)}`);
  return assembly.getStackArtifact(stack.artifactId).template;
}

/** The properties of all resources of a type. */
export function resources(template: Template, type: string): readonly Readonly<Record<string, unknown>>[] {
  return Object.values(template.Resources)
    .filter((resource) => resource.Type === type)
    .map(({ Properties }) => Properties);
}
