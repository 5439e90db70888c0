import type { Sessions } from "../auth/sessions.ts";
import type { Handlers } from "../handler.ts";
import type { HttpPorts } from "../ports.ts";
import { HttpProblem, problemOf } from "../problems.ts";

/** How browsers come in and go. */
export function loginHandlers({
  sessions,
}: HttpPorts): Handlers<"getLoginMethods" | "login" | "loginCallback" | "logout"> {
  return {
    async getLoginMethods({ request }) {
      const refusal = (await sessions?.refusal(cookiesOf(request))) ?? null;
      return { body: { provider: sessions !== null, refusal }, headers: { "cache-control": "no-store" } };
    },
    login: ({ query, request }) => orThePage(sessions, request, (open) => open.login(query.return)),
    loginCallback: ({ url, request }) =>
      orThePage(sessions, request, (open) => open.callback(url.searchParams, cookiesOf(request))),
    logout: ({ request }) => needed(sessions).logout(request),
  };
}

/** A person whom it did not let in sees why on the login page; a program gets the problem. */
async function orThePage(
  sessions: Sessions | null,
  request: Request,
  act: (sessions: Sessions) => Promise<Response>,
): Promise<Response> {
  const open = needed(sessions);
  try {
    return await act(open);
  } catch (error) {
    const problem = problemOf(error);
    const isPage = request.headers.get("accept")?.includes("text/html");
    if (!isPage || problem.kind === "internal") throw error;
    return open.refuse(problem.message, cookiesOf(request));
  }
}

function cookiesOf({ headers }: Request): string | undefined {
  return headers.get("cookie") ?? undefined;
}

function needed(sessions: Sessions | null): Sessions {
  if (sessions) return sessions;
  throw new HttpProblem(
    "not-found",
    "nobody can log in here with a browser: STATION_OIDC_ISSUER names no identity provider",
  );
}
