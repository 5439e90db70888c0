import { Config, type Output } from "@pulumi/pulumi";
import { z } from "zod";
import { CloudRunConfig } from "./config.ts";
import { createStation } from "./station.ts";

// `pulumi up` runs this, bundled: everything about a stack is in its `station` setting.
const parsed = CloudRunConfig.safeParse(new Config("station").requireObject("deployment"));
if (!parsed.success) throw new Error(`station:deployment\n${z.prettifyError(parsed.error)}`);

/** Where the API answers. */
export const url: Output<string> = createStation(parsed.data).url;
