import { useMemo, useState } from "react";
import type { JsonValue } from "../../core/json.ts";
import { Button } from "../kit/button.tsx";
import { CopyButton } from "../kit/copy-button.tsx";
import { JsonTree } from "../kit/json-tree.tsx";
import { Banner } from "./banner.tsx";
import s from "./run-result.module.css";

const MOST_LETTERS = 200;

/** What a run that came to its end answers: in a line, and whole when somebody asks for it. */
export function RunResult({
  output,
  took,
  isPurged,
  against,
}: {
  readonly output: JsonValue;
  readonly took: string;
  readonly isPurged: boolean;
  /** What the output has against it. */
  readonly against: string | null;
}) {
  const [isOpen, setOpen] = useState(false);
  const text = useMemo(() => JSON.stringify(output), [output]);
  const isNothing = output === null;
  return (
    <>
      <Banner
        status="COMPLETED"
        action={
          !isNothing && (
            <>
              <Button aria-expanded={isOpen} onClick={() => setOpen(!isOpen)}>
                {isOpen ? "Hide the result" : "Show the result"}
              </Button>
              <CopyButton text={() => JSON.stringify(output, null, 2)} name="Copy the result" />
            </>
          )
        }
      >
        <span className={s.line}>
          <span>
            <b>Came to its end</b> after {took}
            {isPurged ? "; its result was purged." : isNothing ? ", without a result." : ":"}
          </span>
          {!isNothing && (
            <code className={s.excerpt} title={text.slice(0, MOST_LETTERS)}>
              {text.slice(0, MOST_LETTERS)}
            </code>
          )}
        </span>
        {against !== null && <span className={s.against}>But {against}</span>}
      </Banner>
      {isOpen && (
        // biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls must be reachable by keyboard
        <section className={s.whole} aria-label="Result" tabIndex={0}>
          <JsonTree value={output} name="result" />
        </section>
      )}
    </>
  );
}
