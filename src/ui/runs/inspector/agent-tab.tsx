import { useState, useSyncExternalStore } from "react";
import { ErrorPanel } from "../../kit/error-panel.tsx";
import { SkeletonRows } from "../../kit/skeleton.tsx";
import { Segmented } from "../../kit/tabs.tsx";
import { Purged } from "../purged.tsx";
import { useRunSearch } from "../use-view.ts";
import s from "./inspector.module.css";
import type { Inspected } from "./inspector.tsx";
import { Transcript } from "./transcript.tsx";
import { useTranscripts } from "./use-transcripts.ts";

const NOTHING: ReadonlyMap<string, string> = new Map();

/** What the step's agent was told, said and did in each attempt: while it works, and as of the cursor. */
export function AgentTab(inspected: Inspected) {
  const { view, trail } = inspected;
  const { transcripts, isPending, error, retry } = useTranscripts(inspected);
  const [chosen, setChosen] = useState<number | null>(null);
  const roots = transcripts.filter(({ parentId }) => parentId === null);
  const shown = roots.find(({ attempt }) => attempt === chosen) ?? roots.at(-1);
  const { change } = useRunSearch();
  const { agents } = view.history;
  const saying = useSyncExternalStore(agents.subscribe, () => (view.isPast ? NOTHING : agents.saying));
  if (error !== null)
    return <ErrorPanel what="The transcript could not be loaded" error={error} onRetry={retry} />;
  if (isPending) return <SkeletonRows label="Loading what the agent did" rows={4} />;
  if (!shown)
    return (
      <div className={s.body}>
        <p className={s.quiet}>
          {view.purgedAt !== null ? (
            <Purged at={view.purgedAt}>What the agent was told, said and did was</Purged>
          ) : view.isPast || trail.attempts.length === 0 ? (
            "At this event the agent had said nothing that was kept."
          ) : (
            "No transcript was kept: a script that calls no tools answers at once, and its answer is the step’s output."
          )}
        </p>
      </div>
    );
  return (
    <div className={s.body}>
      {roots.length > 1 && (
        <Segmented
          label="Attempt"
          value={String(shown.attempt)}
          onChange={(attempt) => setChosen(Number(attempt))}
          choices={roots.map(({ attempt }) => ({ value: String(attempt), label: `Attempt ${attempt}` }))}
        />
      )}
      <Transcript
        transcript={shown}
        all={transcripts}
        saying={saying}
        now={view.now}
        isPast={view.isPast}
        onDecide={() => change({ tab: undefined, step: trail.id })}
      />
    </div>
  );
}
