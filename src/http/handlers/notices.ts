import { createNotices, type Notice, TOPICS, type Topic } from "../../engine/notices.ts";
import { stillIn } from "../auth/still-in.ts";
import type { EnvironmentOf } from "../environment-of.ts";
import { eventStream, type Sent } from "../event-stream.ts";
import type { Handlers } from "../handler.ts";
import type { HttpOptions, HttpPorts } from "../ports.ts";

/** What changed, for whoever shows lists. */
export function noticeHandlers(
  ports: HttpPorts,
  environmentOf: EnvironmentOf,
  options: HttpOptions,
): Handlers<"streamNotices"> {
  const notices = createNotices(ports);
  return {
    async streamNotices({ query: { topics }, environments, request, closing }) {
      const wanted = new Set(topics === undefined ? TOPICS : (topics.split(",") as Topic[]));
      const follow = (signal: AbortSignal) =>
        within(environments, notices.follow(wanted, signal), environmentOf);
      return eventStream(follow, write, {
        heartbeatMs: options.heartbeatMs,
        maxMs: options.streamMaxMs,
        meter: options.meter,
        recheckMs: options.recheckMs,
        isStillIn: stillIn(ports, request),
        closing,
        onError: (error) => ports.log.warn("notice stream broke", { error: String(error) }),
      });
    },
  };
}

/** Runs of other environments are not named. */
async function* within(
  environments: readonly string[] | null,
  notices: AsyncIterable<Notice>,
  environmentOf: EnvironmentOf,
): AsyncGenerator<Notice> {
  for await (const notice of notices) {
    if (environments === null || notice.topic !== "runs") {
      yield notice;
      continue;
    }
    const places = await Promise.all(notice.runIds.map((runId) => environmentOf("run", runId)));
    const runIds = notice.runIds.filter((_, index) => environments.includes(places[index] ?? ""));
    if (runIds.length > 0 || notice.more) yield { ...notice, runIds };
  }
}

function write({ topic, ...data }: Notice): Sent {
  return { text: `event: ${topic}\ndata: ${JSON.stringify(data)}\n\n` };
}
