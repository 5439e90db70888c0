import { createNotices, type Notice, TOPICS, type Topic } from "../../engine/notices.ts";
import { eventStream, type Sent } from "../event-stream.ts";
import type { Handlers } from "../handler.ts";
import type { HttpOptions, HttpPorts } from "../ports.ts";

/** What changed, for whoever shows lists. */
export function noticeHandlers(ports: HttpPorts, options: HttpOptions): Handlers<"streamNotices"> {
  const notices = createNotices(ports);
  return {
    async streamNotices({ query: { topics }, closing }) {
      const wanted = new Set(topics === undefined ? TOPICS : (topics.split(",") as Topic[]));
      return eventStream((signal) => notices.follow(wanted, signal), write, {
        heartbeatMs: options.heartbeatMs,
        maxMs: options.streamMaxMs,
        meter: options.meter,
        closing,
        onError: (error) => ports.log.warn("notice stream broke", { error: String(error) }),
      });
    },
  };
}

function write({ topic, ...data }: Notice): Sent {
  return { text: `event: ${topic}\ndata: ${JSON.stringify(data)}\n\n` };
}
