import { didYouMean } from "../definition/suggest.ts";

/** What a time zone must be, for messages. */
export const TIMEZONE_EXPECTED = 'a time zone of the IANA database like "Europe/Berlin"';

/** True for a name of the IANA time zone database, its links and its old names included. */
export function isTimeZone(name: string): boolean {
  if (!/^[A-Za-z]/.test(name)) return false; // offsets like "+01:00" are none
  try {
    new Intl.DateTimeFormat("en", { timeZone: name });
    return true;
  } catch {
    return false;
  }
}

/** What somebody who named none may have meant. */
export function timezoneHint(name: string): string | undefined {
  return /^(?:UTC|GMT)?[+-]\d/.test(name)
    ? "an offset knows no daylight saving time: name the place whose clocks count"
    : didYouMean(name, ["UTC", ...Intl.supportedValuesOf("timeZone")]);
}
