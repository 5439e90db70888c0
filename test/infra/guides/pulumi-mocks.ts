import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { parse } from "yaml";

// Loaded before a Pulumi program: it makes everything it says, out of nothing. The packages are the program's own.
const { runtime } = createRequire(join(process.cwd(), "index.js"))("@pulumi/pulumi");
const { config } = parse(readFileSync("Pulumi.prod.yaml", "utf8"));
const entries = Object.entries(config).map(([key, value]) => [key, JSON.stringify(value)]);
runtime.setAllConfig(Object.fromEntries(entries));
await runtime.setMocks(
  {
    newResource: ({ name, inputs }: { name: string; inputs: object }) => {
      console.log(`+ ${name}`);
      return { id: `${name}-id`, state: { ...inputs, email: "somebody@example.iam", uri: "https://api" } };
    },
    call: ({ inputs }: { inputs: object }) => inputs,
  },
  "station",
  "prod",
);
