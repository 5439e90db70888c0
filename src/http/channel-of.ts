import type { Channel } from "../core/identity/channel.ts";
import { hasSession } from "./auth/sessions.ts";
import { CLI_AGENT } from "./client/send.ts";

/**
 * By which door a request came: `ui` for whoever is known by a session. Otherwise it is what the caller says of itself,
 * by what a browser adds or by its `User-Agent`: good to tell, and nothing may depend on it.
 */
export function channelOf({ headers }: Pick<Request, "headers">): Channel {
  const isPage = hasSession(headers) || headers.get("sec-fetch-site") === "same-origin";
  if (isPage && !headers.has("authorization")) return "ui";
  return headers.get("user-agent") === CLI_AGENT ? "cli" : "api";
}
