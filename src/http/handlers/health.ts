import { isoTime } from "../../core/time.ts";
import type { Handlers } from "../handler.ts";
import type { HealthPorts, HttpOptions } from "../ports.ts";
import { HttpProblem } from "../problems.ts";

const TIMEOUT_MS = 2000;

/** `/healthz` never touches the store; `/readyz` asks store and queue and remembers since when one is away. */
export function healthHandlers(
  ports: HealthPorts,
  options: HttpOptions,
): Handlers<"getHealth" | "getReadiness"> {
  const ready = createReadiness(ports, options);
  return {
    getHealth: async () => ({ body: ALIVE }),
    getReadiness: async () => ({ body: await ready() }),
  };
}

/** What a process answers that can answer at all. */
export const ALIVE = { status: "ok" } as const;

/** Whether store and queue can be reached: what `/readyz` answers, or the problem that says which is away. */
export function createReadiness(ports: HealthPorts, options: HttpOptions) {
  const look = createCheck(ports, options);
  return async () => {
    const checks = await look();
    const away = checks.filter((one) => one.error !== null);
    if (away.length === 0) return { status: "ready", parts: { store: "ok", queue: "ok" } } as const;
    const sentences = away.map(({ part, since }) => `the ${part} is away since ${isoTime(since ?? 0)}`);
    throw new HttpProblem("unavailable", sentences.join("; "), {
      extra: {
        parts: Object.fromEntries(
          checks.map(({ part, error, since }) => [
            part,
            error === null ? "ok" : { error, since: isoTime(since ?? 0) },
          ]),
        ),
      },
      headers: { "retry-after": "5" },
    });
  };
}

/** Asks store and queue whether they can be reached, and remembers since when one cannot (ms since 1970). */
export function createCheck(ports: HealthPorts, { readyTimeoutMs = TIMEOUT_MS }: HttpOptions) {
  const awaySince = new Map<string, number>();

  const check = async (part: "store" | "queue") => {
    try {
      await within(readyTimeoutMs, ports[part].ping());
      awaySince.delete(part);
      return { part, error: null, since: null };
    } catch (error) {
      const since = awaySince.get(part) ?? ports.clock.now();
      awaySince.set(part, since);
      return { part, error: error instanceof Error ? error.message : String(error), since };
    }
  };

  return () => Promise.all([check("store"), check("queue")]);
}

async function within(ms: number, ping: Promise<void>): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new Error(`no answer within ${ms} ms`)), ms);
  });
  try {
    await Promise.race([ping, late]);
  } finally {
    clearTimeout(timer);
  }
}
