import { readFileSync } from "node:fs";
import { App, Validations } from "aws-cdk-lib/core";
import { AwsSolutionsChecks } from "cdk-nag";
import { z } from "zod";
import { EcsConfig } from "./config.ts";
import { StationStack } from "./station-stack.ts";

// `cdk synth -c config=FILE`: the app. Everything about it is in that file.
const app = new App();
const path = String(app.node.getContext("config"));
const parsed = EcsConfig.safeParse(JSON.parse(readFileSync(path, "utf8")));
if (!parsed.success) throw new Error(`${path}:\n${z.prettifyError(parsed.error)}`);
new StationStack(app, parsed.data);
Validations.of(app).addPlugins(new AwsSolutionsChecks(app));
