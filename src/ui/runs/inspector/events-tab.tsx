import { duration } from "../../format.ts";
import { useRunSearch } from "../use-view.ts";
import s from "./inspector.module.css";
import type { Inspected } from "./inspector.tsx";

/** The step's own events; one that is clicked becomes the moment the page shows. */
export function EventsTab({ view: { history, run, n }, trail }: Inspected) {
  const { change } = useRunSearch();
  return (
    <div className={s.body}>
      <ol className={s.events}>
        {trail.seqs.map((seq) => {
          const event = history.events[seq - 1];
          if (!event) return null;
          return (
            <li key={seq}>
              <button
                type="button"
                className={s.event}
                data-future={seq > n || undefined}
                title="See the run as of here"
                onClick={() => change({ at: seq, step: trail.id })}
              >
                <span className="num">#{seq}</span>
                <span className="num">+{duration(Date.parse(event.at) - run.createdAt)}</span>
                <span>{event.type}</span>
              </button>
            </li>
          );
        })}
      </ol>
    </div>
  );
}
