import { OVERLAPS } from "../../schedule/overlap.ts";
import { operationDefs } from "./operations.ts";
import { listDefs } from "./states.ts";
import {
  alias,
  closed,
  has,
  map,
  oneOfKeys,
  ref,
  type Schema,
  seconds,
  text,
  when,
  whole,
  words,
} from "./words.ts";

const schedule: Readonly<Record<string, Schema>> = {
  cron: text('Five fields like "0 6 * * 1-5", or a macro like `@daily`.'),
  timezone: text("An IANA time zone like `Europe/Berlin`; default UTC."),
  input: map("The input of the runs it starts."),
  overlap: words(OVERLAPS, "What happens to a time while an earlier run has not ended; default `skip`."),
  ...seconds("catchUp", "How late a missed time is still made up for; default an hour, `none`: a minute.", {
    minimum: 0,
  }),
};

const cronState = closed(
  "Only as the first state: another way to write `schedule`.",
  {
    ...schedule,
    name: text("The state's name."),
    id: alias(text(""), "name"),
    type: { const: "cron" },
    next: text("The state that runs begin with."),
    transition: alias(text(""), "next"),
  },
  { required: ["type", "cron"], ...oneOfKeys("next", "transition") },
);

/** The workflow language as a JSON Schema (draft 2020-12), for editors, linters and people. */
export const workflowSchema: Schema = {
  $schema: "https://json-schema.org/draft/2020-12/schema",
  title: "Station workflow",
  ...closed(
    "A repeatable, durable procedure in which agents and people work.",
    {
      $schema: text("The address of this schema, for editors."),
      id: text("A stable name: letters, digits, dots, dashes, underscores.", {
        pattern: "^[A-Za-z0-9][\\w.-]{0,127}$",
      }),
      version: {
        type: ["string", "number"],
        description: "The author's own; Station counts versions itself.",
      },
      name: text("For people; default: the id."),
      description: text("What it is for."),
      labels: { type: "object", additionalProperties: text("A label."), description: "Labels of its runs." },
      inputSchema: map("JSON Schema of a run's input; its defaults are applied."),
      outputSchema: map("JSON Schema of a run's output; a mismatch is a warning."),
      output: text("What a run answers: a path or an expression; default: the last state's result."),
      ...seconds("timeout", "How long a run may take."),
      concurrency: closed(
        "How many runs of this workflow may go on at once. A run counts from its start to its end, pauses included; one that it calls, or that those call, under the same key counts with it.",
        {
          key: text(
            "A template over the input: runs with the same text count together; default: all of them.",
          ),
          limit: whole("At most so many; default 1."),
          onConflict: words(
            ["queue", "reject", "cancel"],
            "What one more does: `queue` waits, the oldest first; `reject` is refused; `cancel` takes the place of the oldest. Default `queue`.",
          ),
        },
      ),
      schedule: closed("When runs start by themselves.", schedule, { required: ["cron"] }),
      start: text("The first state; default: the first of the list."),
      states: {
        type: "array",
        minItems: 1,
        description: "In reading order.",
        items: when(has("type", "cron"), cronState, ref("state")),
      },
    },
    { required: ["id", "states"] },
  ),
  $defs: { ...operationDefs, ...listDefs },
};
