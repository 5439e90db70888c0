import type { Disbelief } from "../../core/webhook/credentials.ts";
import type { Delivery } from "../../core/webhook/delivery.ts";
import { CONTENT_TYPES } from "../../core/webhook/request.ts";
import { receive } from "../../engine/webhook/receive.ts";
import type { Handlers } from "../handler.ts";
import type { HttpOptions, HttpPorts } from "../ports.ts";
import { HttpProblem, notFound } from "../problems.ts";
import { createRateLimit } from "../rate-limit.ts";

/** Requests that prove nothing, a minute and hook: behind it nobody is told why any more. */
const FAILURES_A_MINUTE = 120;

/** `POST /hooks/{hookId}`: a public address that believes nobody without a signature. */
export function deliverHookHandlers(ports: HttpPorts, options: HttpOptions): Handlers<"deliverHook"> {
  const failures = createRateLimit(FAILURES_A_MINUTE);
  const limit = options.rateLimit === undefined ? null : createRateLimit(options.rateLimit);

  return {
    async deliverHook({ params: { hookId }, body, request, url }) {
      const header = (name: string) => request.headers.get(name);
      const received = await receive(ports, hookId, { header, query: url.searchParams, body }, (hook) => {
        const taken = limit?.take(hook.id, ports.clock.now());
        if (taken && !taken.allowed)
          throw tooMany(`hook ${hookId} takes ${options.rateLimit} events a minute`, taken.resetSeconds);
      });
      switch (received.status) {
        case "unknown":
          throw notFound(`hook ${hookId}`);
        case "not-believed": {
          ports.log.info("webhook not believed", { hook_id: hookId, why: received.why });
          const { allowed, resetSeconds } = failures.take(hookId, ports.clock.now());
          throw allowed ? unbelieved(received.why) : tooMany("too many requests prove nothing", resetSeconds);
        }
        case "unreadable":
          throw new HttpProblem("unavailable", "this hook cannot check signatures; the log says why", {
            extra: { part: "secrets" },
            headers: { "retry-after": "60" },
          });
        case "disabled":
          throw new HttpProblem(
            "hook-disabled",
            `hook ${hookId} is disabled; an admin of Station enables it`,
          );
        case "not-understood":
          throw notUnderstood(received.why, received.delivery);
        case "settled":
          return answerOf(received.delivery);
      }
    },
  };
}

function answerOf(delivery: Delivery) {
  const { id: deliveryId, outcome } = delivery;
  switch (outcome.status) {
    case "STARTED":
    case "SIGNALLED": {
      const { runId, isRepeated } = outcome;
      const headers = isRepeated ? { "idempotent-replayed": "true" } : {};
      return { body: { deliveryId, runId, repeated: isRepeated }, headers };
    }
    case "IGNORED":
      return Response.json({ deliveryId, ignored: outcome.reason });
    case "FAILED":
      throw new HttpProblem("delivery-failed", outcome.reason, {
        errors: outcome.errors,
        extra: { deliveryId },
      });
    case "RECEIVED":
      throw new Error(`delivery ${deliveryId} was answered before it was done`);
  }
}

const WHY: Readonly<Record<Disbelief, string>> = {
  unsigned: "the request is not signed as this hook's senders sign",
  "wrong-signature": "the signature is not one of this hook's sender for this request",
  "too-old": "it was signed more than five minutes ago",
  "too-new": "it was signed for a time more than five minutes ahead",
};

function unbelieved(why: Disbelief): HttpProblem {
  return new HttpProblem("unauthenticated", WHY[why], {
    headers: { "www-authenticate": 'Signature realm="station"' },
  });
}

function notUnderstood(why: "type" | "syntax", { id: deliveryId, outcome }: Delivery): HttpProblem {
  const message = "reason" in outcome ? outcome.reason : why;
  return why === "type"
    ? new HttpProblem("unsupported-media-type", message, {
        headers: { accept: CONTENT_TYPES.replace(" or ", ", ") },
        extra: { deliveryId },
      })
    : new HttpProblem("bad-request", message, { extra: { deliveryId } });
}

function tooMany(why: string, seconds: number): HttpProblem {
  return new HttpProblem("rate-limited", `${why}; again in ${seconds} s`, {
    headers: { "retry-after": String(seconds) },
  });
}
