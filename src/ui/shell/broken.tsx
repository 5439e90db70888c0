import { ErrorPanel, isUnloaded } from "../kit/error-panel.tsx";

/** A page that failed while it was drawn; the rest of the app goes on. */
export function BrokenPage({ error, reset }: { readonly error: unknown; readonly reset: () => void }) {
  // A file that could not be had is not asked for again, and a newer server has others.
  const again = isUnloaded(error) ? () => location.reload() : reset;
  return <ErrorPanel what="This page failed" error={error} onRetry={again} />;
}
