import type { Authenticate } from "./ports.ts";
import { HttpProblem } from "./problems.ts";

/**
 * `STATION_AUTH=off`: whoever reaches the port is the local user. Web pages reach it too, from the user's own
 * browser, so one from another origin may not change anything.
 */
export const localUser: Authenticate = (request) => {
  const { method, headers, url } = request;
  const origin = headers.get("origin");
  const isForeign =
    headers.get("sec-fetch-site") === "cross-site" ||
    (origin !== null && hostOf(origin) !== new URL(url).host);
  if (isForeign && method !== "GET" && method !== "HEAD")
    throw new HttpProblem("forbidden", `a page of ${origin ?? "another site"} may not change anything here`);
  return { id: "user:local" };
};

function hostOf(origin: string): string | null {
  return URL.canParse(origin) ? new URL(origin).host : null;
}
