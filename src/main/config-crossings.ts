import { isEnvironmentName } from "../adapters/files/environments.ts";
import { CROSSINGS_SETTING, type Crossing } from "../core/definition/agent-reference.ts";
import type { Reader } from "./environment-reader.ts";

const ALLOWED = "from->to, comma-separated, where from may be *: dev->tools, *->shared";

/** Which environments' workflows may name agents of which others; none unless it is said. */
export function crossingsOf(read: Reader): readonly Crossing[] {
  const written = (read.text(CROSSINGS_SETTING) ?? "").split(",").map((pair) => pair.trim());
  return written
    .filter((pair) => pair !== "")
    .flatMap((pair) => {
      const [, from = "", to = ""] = /^(\S+?)\s*->\s*(\S+)$/.exec(pair) ?? [];
      if ((from === "*" || isEnvironmentName(from)) && isEnvironmentName(to)) return [{ from, to }];
      const reason = to === "*" ? "; agents of every environment cannot be opened at once" : "";
      read.problem(
        CROSSINGS_SETTING,
        `has "${pair}", which does not say from where to where${reason}`,
        ALLOWED,
      );
      return [];
    });
}
