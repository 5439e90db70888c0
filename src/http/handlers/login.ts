import type { Sessions } from "../auth/sessions.ts";
import type { Handlers } from "../handler.ts";
import type { HttpPorts } from "../ports.ts";
import { HttpProblem } from "../problems.ts";

/** How browsers come in and go. */
export function loginHandlers({
  sessions,
}: HttpPorts): Handlers<"getLoginMethods" | "login" | "loginCallback" | "logout"> {
  return {
    getLoginMethods: async () => ({ body: { provider: sessions !== null } }),
    login: ({ query }) => needed(sessions).login(query.return),
    loginCallback: ({ url, request }) =>
      needed(sessions).callback(url.searchParams, request.headers.get("cookie") ?? undefined),
    logout: ({ request }) => needed(sessions).logout(request),
  };
}

function needed(sessions: Sessions | null): Sessions {
  if (sessions) return sessions;
  throw new HttpProblem(
    "not-found",
    "nobody can log in here with a browser: STATION_OIDC_ISSUER names no identity provider",
  );
}
