import { expect, test } from "vitest";
import { cronComplaint } from "./cron.ts";

test.each([
  "* * * * *",
  "0 6 * * 1-5",
  "*/5 0-12/3 1,15 * *",
  "0 0 ? JAN-Mar sun",
  "5/15 0 * * 7",
  "0 0 29 2 *",
  "0 0 31 4,5 *",
  "0 0 31 2 1",
  "@daily",
  "@hourly",
])("%s is a schedule", (cron) => expect(cronComplaint(cron)).toBeNull());

test.each([
  ["* * * *", "it has 4 fields, not five"],
  ["0 0 6 * * 1", "it has 6 fields, not five"],
  ["60 * * * *", 'minute: "60" is not a number from 0 to 59'],
  ["0 24 * * *", 'hour: "24" is not a number from 0 to 23'],
  ["0 0 0 * *", 'day of the month: "0" is not a number from 1 to 31'],
  ["0 0 * 13 *", 'month: "13" is not a name or number from 1 to 12'],
  ["0 0 * * 8", 'day of the week: "8" is not a name or number from 0 to 7'],
  ["0 0 * * monday", 'day of the week: "monday" is not a name or number from 0 to 7'],
  ["0 0 * * fri-mon", 'day of the week: "fri-mon" goes backwards'],
  ["*/0 * * * *", 'minute: a step must be a number of at least 1, not "0"'],
  ["*/ * * * *", 'minute: "*/" is not a step'],
  ["1,,2 * * * *", 'minute: "" is not a number from 0 to 59'],
  ["? * * * *", 'minute: "?" is not a number from 0 to 59'],
  ["0 0 L * *", 'day of the month: "L" is not a number from 1 to 31'],
  ["0 0 30 2 *", "no month has such a day"],
  ["0 0 31 4,6 *", "no month has such a day"],
  [
    "@dayly",
    '"@dayly" is not one of @yearly, @annually, @monthly, @weekly, @daily, @midnight, @hourly; did you mean "@daily"?',
  ],
])("%s is none: %s", (cron, complaint) => expect(cronComplaint(cron)).toBe(complaint));
