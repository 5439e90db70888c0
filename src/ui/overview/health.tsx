import type { Tone } from "../../core/view/status.ts";
import type { System } from "../../http/schemas/overview.ts";
import { bytes, count, duration, plural } from "../format.ts";
import { Facts, Panel, Fact as Row } from "../kit/panel.tsx";
import { Time } from "../kit/time.tsx";
import s from "./overview.module.css";

/** Work that nobody takes for so long is a sign that no worker is there. */
const LATE_MS = 15_000;

/** What the installation stands on, and whether work is taken. */
export function Health({ system }: { readonly system: System }) {
  const { version, parts, processes, workers, tasks, databaseBytes } = system;
  return (
    <Panel title="Health">
      <Facts>
        <Part name="Store" part={parts.store}>
          {databaseBytes !== null && bytes(databaseBytes)}
        </Part>
        <Part name="Queue" part={parts.queue}>
          {tasks && (tasks.pending === 0 ? "nothing waits" : `${plural(tasks.pending, "task")} waiting`)}
        </Part>
        {tasks && (
          <Fact name="Work" tone={tasks.overdueMs > LATE_MS ? "bad" : "good"}>
            {tasks.overdueMs > LATE_MS
              ? `not taken for ${duration(tasks.overdueMs)}: is a worker there?`
              : `${count(tasks.inHand)} in hand`}
          </Fact>
        )}
        <Fact name="Processes" tone={workers > 0 ? "good" : "bad"}>
          {count(processes)} alive
          {workers < processes && `, ${workers === 0 ? "none" : count(workers)} of them for work`}
        </Fact>
        <Fact name="Version" tone="quiet">
          {version}
        </Fact>
      </Facts>
    </Panel>
  );
}

function Part({
  name,
  part,
  children,
}: {
  readonly name: string;
  readonly part: System["parts"]["store"];
  readonly children: React.ReactNode;
}) {
  if (part.state === "ok")
    return (
      <Fact name={name} tone="good">
        reachable{children && <> · {children}</>}
      </Fact>
    );
  return (
    <Fact name={name} tone="bad">
      away since <Time at={part.since} />: {part.error}
    </Fact>
  );
}

function Fact({
  name,
  tone,
  children,
}: {
  readonly name: string;
  readonly tone: Tone;
  readonly children: React.ReactNode;
}) {
  return (
    <Row
      name={
        <>
          <span className={s.dot} data-tone={tone} aria-hidden />
          {name}
        </>
      }
    >
      {children}
    </Row>
  );
}
