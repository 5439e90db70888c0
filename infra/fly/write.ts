import { mkdirSync, writeFileSync } from "node:fs";
import { files } from "./render.ts";

// `npm run fly` in infra/: writes deploy/fly/*.toml.
const folder = new URL("../../deploy/fly/", import.meta.url);
mkdirSync(folder, { recursive: true });
for (const [name, text] of Object.entries(files)) writeFileSync(new URL(name, folder), text);
