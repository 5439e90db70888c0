import type { Story } from "../support/story.ts";
import { incidentTriage } from "./incident-triage.ts";
import { nesting } from "./nesting.ts";
import { pipeline } from "./pipeline.ts";

/** Everything that is told to a Station in either shape while nothing goes wrong around it. */
export const stories: readonly Story[] = [incidentTriage, pipeline, nesting];
