import { environmentsOf } from "../../core/identity/may-do.ts";
import { Lru } from "../../core/lru.ts";
import { isoTime } from "../../core/time.ts";
import { groupFailures } from "../../core/view/failures.ts";
import type { Handlers } from "../handler.ts";
import { timeOrNull } from "../json/runs.ts";
import type { HttpOptions, HttpPorts } from "../ports.ts";
import type { Activity, System } from "../schemas/overview.ts";
import { createCheck } from "./health.ts";

const HOUR_MS = 3_600_000;
/** Everybody who looks at the overview is told the same for so long. */
const REMEMBER_MS = 3000;
const MOST_GROUPS = 50;

/** How things are, at a glance. */
export function overviewHandlers(
  ports: HttpPorts,
  options: HttpOptions,
): Handlers<"getActivity" | "getConfiguration" | "getSystem"> {
  const { store, queue, clock, files, installation } = ports;
  const check = createCheck(ports, options);
  const counted = new Lru<string, { readonly at: number; readonly body: Promise<Activity> }>(100);

  const count = async (environments: readonly string[] | null, hours: number): Promise<Activity> => {
    const until = (Math.floor(clock.now() / HOUR_MS) + 1) * HOUR_MS;
    const since = until - hours * HOUR_MS;
    const { buckets, failures } = await store.queries.activity({
      since,
      until,
      bucketMs: HOUR_MS,
      ...(environments && { environments }),
    });
    return {
      since: isoTime(since),
      buckets: buckets.map(({ at, counts }) => ({ at: isoTime(at), counts: { ...counts } })),
      failures: groupFailures(failures)
        .slice(0, MOST_GROUPS)
        .map(({ firstAt, lastAt, ...group }) => ({
          ...group,
          firstAt: isoTime(firstAt),
          lastAt: isoTime(lastAt),
        })),
    };
  };

  return {
    async getActivity({ query: { hours }, environments }) {
      const key = JSON.stringify([environments, hours]);
      const last = counted.get(key);
      const now = clock.now();
      if (last && now - last.at < REMEMBER_MS) return { body: await last.body };
      const body = count(environments, hours);
      counted.set(key, { at: now, body });
      body.catch(() => counted.clear()); // whoever asks next asks anew
      return { body: await body };
    },

    async getSystem({ principal }) {
      const [storeCheck, queueCheck] = await check();
      const isStoreThere = storeCheck.error === null;
      const [figures, backlog, folders, workflows] = await Promise.all([
        isStoreThere ? store.queries.figures(clock.now()) : null,
        queueCheck.error === null ? queue.backlog() : null,
        files.list(),
        isStoreThere ? store.workflows.environments() : new Map<string, number>(),
      ]);
      const names = [...new Set([...folders, ...workflows.keys()])].sort();
      const own = environmentsOf(principal, "runs:read");
      const body: System = {
        version: options.version ?? "unknown",
        parts: { store: partJson(storeCheck), queue: partJson(queueCheck) },
        processes: figures?.processes ?? 0,
        workers: figures?.workers ?? 0,
        tasks: figures &&
          backlog && {
            overdueMs: Math.round(Math.max(figures.oldestDueMs, backlog.oldestMs ?? 0)),
            pending: figures.waiting,
            inHand: backlog.inHand,
          },
        databaseBytes: figures?.bytes ?? null,
        watched: options.watched ?? null,
        traceUrl: options.traceUrl ?? null,
        environments: names
          .filter((name) => own === null || own.includes(name))
          .map((name) => ({
            name,
            hasFiles: folders.includes(name),
            workflows: workflows.get(name) ?? 0,
          })),
      };
      return { body };
    },

    async getConfiguration() {
      const { paths, retention, provider } = installation;
      return {
        body: {
          paths,
          retention: { rules: [...retention.rules], holdLabel: retention.holdLabel },
          provider: provider && {
            issuer: provider.issuer,
            clientId: provider.clientId,
            userClaim: provider.rules.userClaim,
            groupsClaim: provider.rules.groupsClaim,
            roles: [...provider.rules.roles],
          },
        },
      };
    },
  };
}

function partJson({ error, since }: { readonly error: string | null; readonly since: number | null }) {
  return { state: error === null ? ("ok" as const) : ("away" as const), error, since: timeOrNull(since) };
}
