import { isRange } from "../adapters/outgoing/addresses.ts";
import { isMailAddress } from "../core/notify/subscription.ts";
import { percentDecoded } from "../core/percent.ts";
import type { Reader } from "./environment-reader.ts";

/** How Station reaches the outside. */
export type ReachConfig = {
  /** `null`: no mail is sent. */
  readonly mail: { readonly url: string; readonly from: string } | null;
  /** Private addresses that may be called all the same. */
  readonly allowed: readonly string[];
};

export function reachOf(read: Reader): ReachConfig {
  return { mail: mailOf(read), allowed: allowedOf(read) };
}

function mailOf(read: Reader): ReachConfig["mail"] {
  const url = read.text("STATION_SMTP_URL");
  const from = read.text("STATION_MAIL_FROM");
  if (url === null) {
    if (from !== null) read.warn("STATION_MAIL_FROM", "is not used: STATION_SMTP_URL is not set", null);
    return null;
  }
  const isWritten = URL.canParse(url) && percentDecoded(url) !== null;
  if (!/^smtps?:\/\/[^/]/.test(url) || !isWritten)
    read.problem(
      "STATION_SMTP_URL",
      "is not the address of a mail server",
      "smtp://user:password@host:587 or smtps://user:password@host",
    );
  const address = /<([^<>]*)>$/.exec(from ?? "")?.[1] ?? from ?? "";
  if (!isMailAddress(address))
    read.problem(
      "STATION_MAIL_FROM",
      from === null ? "is not set, and STATION_SMTP_URL is" : "is not a mail address",
      "station@example.com or Station <station@example.com>",
    );
  return { url, from: from ?? "" };
}

function allowedOf(read: Reader): readonly string[] {
  const ranges = (read.text("STATION_OUTGOING_ALLOWED") ?? "").split(/[,\s]+/).filter((one) => one !== "");
  if (!ranges.every(isRange))
    read.problem(
      "STATION_OUTGOING_ALLOWED",
      "has something that is no range of addresses",
      "10.1.0.0/16, fd00::/8",
    );
  return ranges;
}
