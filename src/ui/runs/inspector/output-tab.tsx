import { CopyButton } from "../../kit/copy-button.tsx";
import { JsonTree } from "../../kit/json-tree.tsx";
import { Purged } from "../purged.tsx";
import s from "./inspector.module.css";
import type { Inspected } from "./inspector.tsx";

/** What came out, and where in the context it went. */
export function OutputTab({ step, state, view: { purgedAt } }: Inspected) {
  const { progress } = step;
  if (progress.status === "FAILED" || progress.status === "TIMED_OUT")
    return (
      <div className={s.body}>
        <p className={s.error}>
          {progress.error.code}: {progress.error.message}
        </p>
        {purgedAt === null ? (
          <JsonTree value={{ ...progress.error }} name="error" />
        ) : (
          <p className={s.quiet}>
            <Purged at={purgedAt}>The error’s message and details were</Purged>
          </p>
        )}
      </div>
    );
  if (progress.status !== "SUCCEEDED")
    return (
      <div className={s.body}>
        <p className={s.quiet}>Nothing has come out yet.</p>
      </div>
    );
  if (purgedAt !== null)
    return (
      <div className={s.body}>
        <p className={s.quiet}>
          <Purged at={purgedAt}>The output was</Purged>
        </p>
      </div>
    );
  const isReplaced = step.exit?.result !== undefined;
  return (
    <div className={s.body}>
      <p className={s.label}>
        {state?.resultPath ? (
          <span>
            goes to <code>{state.resultPath}</code>
          </span>
        ) : (
          <span>
            readable as <code>steps.{step.state}</code>
          </span>
        )}
        <CopyButton text={() => JSON.stringify(progress.output, null, 2)} name="Copy output" />
      </p>
      {isReplaced && (
        <p className={s.quiet}>An error was handled: what went into the context is not this output.</p>
      )}
      <JsonTree
        value={progress.output}
        name={`output of ${step.state}`}
        root={`steps.${step.state}.result`}
        hasTools
      />
    </div>
  );
}
