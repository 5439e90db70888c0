import { createTransport } from "nodemailer";
import { OutgoingFailed, OutgoingRefused } from "../../engine/ports/outgoing.ts";
import type { Mailer } from "../../engine/ports/reach.ts";

/**
 * Mail by SMTP, as plain text. `url` is `smtp://` or `smtps://` with the user and password in it; a password goes over
 * an encrypted connection only, except on this machine.
 */
export function createMailer({ url, from }: { readonly url: string; readonly from: string }): Mailer {
  const { protocol, username, hostname, host } = new URL(url);
  const isHere = /^(?:localhost|127\.|\[::1\])/.test(hostname);
  const transport = createTransport({
    url,
    requireTLS: protocol === "smtp:" && username !== "" && !isHere,
    disableFileAccess: true,
    disableUrlAccess: true,
    connectionTimeout: 10_000,
    greetingTimeout: 10_000,
    socketTimeout: 20_000,
  });
  return {
    async send({ id, to, subject, text, timeoutMs }) {
      const sending = transport.sendMail({
        from,
        to: { name: "", address: to },
        subject,
        text,
        messageId: `<${id}@station>`,
        // No out-of-office replies (RFC 3834).
        headers: { "auto-submitted": "auto-generated" },
      });
      try {
        const { response } = await inTime(sending, timeoutMs);
        return { status: statusIn(response), answer: response };
      } catch (cause) {
        const why = cause instanceof Error ? cause.message : String(cause);
        const message = `${host}: ${why}`;
        // What a server says of this mail for good (5xx after it let us in), it says again.
        if (isOfMail(cause)) throw new OutgoingRefused(message, { cause });
        throw new OutgoingFailed(message, { cause });
      }
    },
    async close() {
      transport.close();
    },
  };
}

async function inTime<T>(sending: Promise<T>, timeoutMs: number): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`no answer within ${timeoutMs} ms`)), timeoutMs);
  });
  try {
    return await Promise.race([sending, late]);
  } finally {
    clearTimeout(timer);
  }
}

function isOfMail(error: unknown): boolean {
  const { code, responseCode } = error as { readonly code?: unknown; readonly responseCode?: unknown };
  return (
    (code === "EENVELOPE" || code === "EMESSAGE") && typeof responseCode === "number" && responseCode >= 500
  );
}

function statusIn(response: string): number {
  return Number(/^\d{3}/.exec(response)?.[0] ?? 250);
}
