import { QueryClient } from "@tanstack/react-query";
import { ApiError } from "../http/client/errors.ts";
import { createClient } from "../http/client.ts";
import { fetchAsMe } from "./session.ts";

/** The API of the server this page came from, typed by its contract. */
export const api = createClient({ baseUrl: location.origin, fetch: fetchAsMe });

/** What was asked, until it is known to have changed. A refusal is an answer; a server that is away is asked again. */
export const queryClient = new QueryClient({
  defaultOptions: {
    queries: {
      staleTime: 5000,
      refetchOnWindowFocus: true,
      retry: (failures, error) => failures < 3 && !(error instanceof ApiError && error.status < 500),
      retryDelay: (failures) => Math.min(500 * 2 ** failures, 2000),
    },
  },
});
