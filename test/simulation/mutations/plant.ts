import { registerHooks } from "node:module";
import { pathToFileURL } from "node:url";
import { BUGS } from "./bugs.ts";

// Preloaded (`--import`): whoever loads the file of the bug named by STATION_PLANTED_BUG gets it with the bug in it.

const bug = BUGS.find(({ name }) => name === process.env["STATION_PLANTED_BUG"]);
if (!bug) throw new Error(`there is no bug "${process.env["STATION_PLANTED_BUG"]}" to plant`);
const url = pathToFileURL(bug.file).href;

registerHooks({
  load(loaded, context, next) {
    const module = next(loaded, context);
    if (loaded !== url) return module;
    const source = String(module.source);
    if (source.split(bug.from).length !== 2)
      throw new Error(`${bug.file} does not hold the place of "${bug.name}" once`);
    return { ...module, source: source.replace(bug.from, () => bug.to) };
  },
});
