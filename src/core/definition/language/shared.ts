import { alias, closed, flag, oneOfKeys, ref, type Schema, seconds, text } from "./words.ts";

const NAME = text("The state's name: unique within its list of states.", { maxLength: 128 });
const NEXT = text("The state that follows, of the same list.");

/** What every state may carry, but for its timeout. */
export const base: Readonly<Record<string, Schema>> = {
  name: NAME,
  id: alias(NAME, "name"),
  type: text("What kind of state it is."),
  resultPath: ref("path", "Where the result goes in the context; always also under `steps.<name>`."),
  onError: closed(
    "Where a failure leads.",
    {
      next: NEXT,
      transition: alias(NEXT, "next"),
      resultPath: ref("path", "Where the error goes in the context."),
    },
    oneOfKeys("next", "transition"),
  ),
  continueOnError: flag("A failure is noted, and the run goes on."),
};

/** Of a state that takes time. */
export const timeout = (description: string) => seconds("timeout", description);

/** Of a state that takes none: it may be written, and editors do not offer it. */
export const noTimeout: Readonly<Record<string, Schema>> = Object.fromEntries(
  Object.keys(timeout("")).map((key) => [
    key,
    {
      type: ["number", "string"],
      deprecated: true,
      description: "Has no effect here: the state takes no time of its own.",
    },
  ]),
);

/** Where a state goes when it is done. */
export const onward: Readonly<Record<string, Schema>> = {
  next: NEXT,
  transition: alias(NEXT, "next"),
  end: flag("The run, or the branch, ends here."),
};

/** `{next: …}` */
export const target = closed(
  "Another state of the same list.",
  { next: NEXT, transition: alias(NEXT, "next") },
  oneOfKeys("next", "transition"),
);
