import { HttpProblem } from "../problems.ts";

/**
 * Refuses what a web page of another origin asks for: a browser sends what it knows (cookies, a local address) for any
 * page. Reading is the browser's to refuse, as nothing here allows it. Throws `forbidden`.
 */
export function refuseForeignPage({ method, headers, url }: Request): void {
  if (method === "GET" || method === "HEAD") return;
  const origin = headers.get("origin");
  const site = headers.get("sec-fetch-site");
  const isForeign =
    (site !== null && site !== "same-origin" && site !== "none") ||
    (origin !== null && hostOf(origin) !== new URL(url).host);
  if (isForeign)
    throw new HttpProblem("forbidden", `a page of ${origin ?? "another site"} may not change anything here`);
}

function hostOf(origin: string): string | null {
  return URL.canParse(origin) ? new URL(origin).host : null;
}
