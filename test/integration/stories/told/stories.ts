import type { Story } from "../support/story.ts";
import { audit } from "./audit.ts";
import { calls } from "./calls.ts";
import { control } from "./control.ts";
import { failures } from "./failures.ts";
import { incidentTriage } from "./incident-triage.ts";
import { nesting } from "./nesting.ts";
import { notifications } from "./notifications.ts";
import { pipeline } from "./pipeline.ts";
import { races } from "./races.ts";
import { retries } from "./retries.ts";
import { schedules } from "./schedules.ts";
import { signals } from "./signals.ts";
import { timeouts } from "./timeouts.ts";
import { versions } from "./versions.ts";

/** Everything that is told to a Station in either shape while nothing goes wrong around it. */
export const stories: readonly Story[] = [
  incidentTriage,
  pipeline,
  nesting,
  failures,
  retries,
  timeouts,
  signals,
  schedules,
  control,
  calls,
  versions,
  races,
  audit,
  notifications,
];
