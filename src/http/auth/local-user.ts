import { LOCAL_USER } from "../../core/identity/principal.ts";
import type { Authenticate } from "../ports.ts";
import { HttpProblem } from "../problems.ts";
import { refuseForeignPage } from "./foreign-page.ts";

/**
 * `STATION_AUTH=off`: whoever reaches the port is the local user. Web pages reach it too, from the user's own browser:
 * one of another origin may not change anything, and with `hosts` a name that was made to lead here (DNS rebinding)
 * is refused. `hosts` are further names by which this machine's user may call it; `null` when every name will do.
 */
export function localUser(hosts: readonly string[] | null = []): Authenticate {
  return (request) => {
    const { hostname } = new URL(request.url);
    if (hosts !== null && !isThisMachine(hostname) && !hosts.includes(hostname))
      throw new HttpProblem(
        "forbidden",
        `"${hostname}" is not a name of this machine: call it localhost, or set STATION_PUBLIC_URL to the address it has`,
      );
    refuseForeignPage(request);
    return LOCAL_USER;
  };
}

/** True for the names that lead to this machine and nowhere else. */
export function isThisMachine(hostname: string): boolean {
  return (
    hostname === "localhost" ||
    hostname.endsWith(".localhost") ||
    hostname === "[::1]" ||
    hostname === "::1" ||
    /^127(?:\.\d{1,3}){3}$/.test(hostname)
  );
}
