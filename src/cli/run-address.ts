import { CLI_AGENT, type ClientOptions, sender } from "../http/client/send.ts";

/** Longer than that nobody waits for an address. */
const PATIENCE_MS = 1000;

/**
 * Where people find a run: its page, or the API where the server has its pages switched off. Asks the server without a
 * key, and never fails: who does not answer in time is taken to have pages, as nearly all do.
 */
export async function addressOfRun(
  { url, fetch }: { readonly url: string; readonly fetch: ClientOptions["fetch"] },
  runId: string,
  signal: AbortSignal,
): Promise<string> {
  const path = `/runs/${runId}`;
  const send = sender({ baseUrl: url, userAgent: CLI_AGENT, ...(fetch && { fetch }) });
  const asked = send({
    method: "HEAD",
    target: path,
    headers: { accept: "text/html" },
    signal: AbortSignal.any([signal, AbortSignal.timeout(PATIENCE_MS)]),
  });
  const isThere = await asked.then(
    ({ status }) => status !== 404,
    () => true,
  );
  return isThere ? url + path : `${url}/api/v1/workflow-runs/${runId}`;
}
