import { useQueryClient } from "@tanstack/react-query";
import { CircleAlert, RotateCw } from "lucide-react";
import { ApiError, Unreachable } from "../../http/client/errors.ts";
import { Button, ButtonRow } from "./button.tsx";
import { CopyButton } from "./copy-button.tsx";
import s from "./states.module.css";
import { TraceLink } from "./trace-link.tsx";

/** What failed, why, and what to do; with the request's id and the request as curl. */
export function ErrorPanel({
  what,
  error,
  onRetry,
  target,
}: {
  /** `The runs could not be loaded`. */
  readonly what: string;
  readonly error: unknown;
  readonly onRetry?: (() => void) | undefined;
  /** The path that was asked, for the curl line. */
  readonly target?: string;
}) {
  const client = useQueryClient();
  const askAgain = () => {
    onRetry?.();
    // What else of the page failed with it is asked for too.
    void client.refetchQueries(
      { type: "active", predicate: ({ state }) => state.status === "error" },
      { cancelRefetch: false },
    );
  };
  const problem = error instanceof ApiError ? error.problem : null;
  const url = target === undefined ? null : new URL(target, location.origin).href;
  return (
    <div className={s.error} role="alert">
      <h2 className={s.errorTitle}>
        <CircleAlert size={16} aria-hidden />
        {what}
      </h2>
      <p className={s.detail}>{whyOf(error)}</p>
      {problem && (
        <div className={s.facts}>
          <span>
            Code <code>{problem.code}</code>
          </span>
          <span>
            Request <code>{problem.instance.replace("urn:request:", "")}</code>
          </span>
          {problem.traceId && (
            <span>
              Trace{" "}
              <TraceLink traceId={problem.traceId} otherwise={<code>{problem.traceId}</code>}>
                <code>{problem.traceId}</code>
              </TraceLink>
            </span>
          )}
        </div>
      )}
      <ButtonRow>
        {onRetry && (
          <Button icon={RotateCw} onClick={askAgain}>
            Try again
          </Button>
        )}
        {url && <CopyButton text={`curl -i '${url}'`} label="Copy as curl" />}
      </ButtonRow>
    </div>
  );
}

/** An error as a sentence for people. */
export function whyOf(error: unknown): string {
  if (error instanceof ApiError) return error.problem.detail;
  if (error instanceof Unreachable)
    return "The server does not answer. Its address, its network or the server itself may be down.";
  if (isUnloaded(error))
    return "A part of this page could not be loaded: the server does not answer, or is newer than the page.";
  return error instanceof Error ? error.message : String(error);
}

/** True where a file of the page could not be had, as Chromium, Firefox and Safari say it. */
export function isUnloaded(error: unknown): boolean {
  return (
    error instanceof TypeError &&
    /dynamically imported module|importing a module script failed/i.test(error.message)
  );
}
