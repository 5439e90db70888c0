import { useQuery } from "@tanstack/react-query";
import { api } from "../../api.ts";
import { useRights, useSystem } from "../../system.ts";

/** No notice tells that a file was saved: while it matters, it is asked for now and then. */
export const LOOK_MS = 5000;
/** A file costs the server a third of a millisecond: a page that is open may take 3 % of its time at most. */
const PER_FILE_MS = 10;

/** What a sync would make of an environment's files; nothing is asked where this server has none of it. */
export function useSyncPreview(environment: string, isWanted = true) {
  const { areKnown, whyNot } = useRights();
  const place = useSystem().data?.environments.find(({ name }) => name === environment);
  return useQuery({
    queryKey: ["workflows", "sync", environment],
    queryFn: () => api.previewSync({ query: { environment } }),
    enabled: isWanted && place?.hasFiles === true && areKnown && whyNot("runs:read", environment) === null,
    refetchInterval: ({ state: { data } }) => Math.max(LOOK_MS, (data?.rows.length ?? 0) * PER_FILE_MS),
    retry: false,
  });
}
