import { ErrorPanel } from "../kit/error-panel.tsx";

/** A page that failed while it was drawn; the rest of the app goes on. */
export function BrokenPage({ error, reset }: { readonly error: unknown; readonly reset: () => void }) {
  return <ErrorPanel what="This page failed" error={error} onRetry={reset} />;
}
