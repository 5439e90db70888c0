import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { Check, Circle, X } from "lucide-react";
import { type ReactNode, useEffect } from "react";
import type { System } from "../../http/schemas/overview.ts";
import { api } from "../api.ts";
import { plural } from "../format.ts";
import { Button, IconButton } from "../kit/button.tsx";
import { Panel } from "../kit/panel.tsx";
import { openStart } from "../workflows/start/open-start.ts";
import s from "./overview.module.css";

/** What the page knows already. */
export type Known = {
  readonly system: System | undefined;
  /** Runs there are, of all kinds. */
  readonly runs: number;
  /** Approvals that wait for the person. */
  readonly waiting: number;
  /** Nobody wants to see the steps any more: they are done, or were dismissed. */
  readonly onOver: () => void;
};

/** A new installation, before its first run: what comes next. Each line is ticked by itself as it comes true. */
export function FirstSteps(known: Known) {
  const { steps } = useSteps(known);
  return (
    <div className={s.first}>
      <h2 className={s.firstTitle}>Nothing has run yet</h2>
      <p className={s.firstText}>From here to the first run that people and agents share:</p>
      <Steps steps={steps} />
    </div>
  );
}

/** The same beside what runs, until all of it is done or somebody dismisses it. */
export function NextSteps(known: Known) {
  const { steps, areKnown } = useSteps(known);
  const { onOver } = known;
  const open = steps.filter(({ isDone }) => !isDone).length;
  const isOver = areKnown && open === 0;
  useEffect(() => {
    if (isOver) onOver();
  }, [isOver, onOver]);
  if (!areKnown || isOver) return null;
  return (
    <Panel title="First steps" count={open} more={<IconButton icon={X} label="Dismiss" onClick={onOver} />}>
      <Steps steps={steps} isNarrow />
    </Panel>
  );
}

function useSteps({ system, runs, waiting }: Known) {
  const found = useQuery({
    queryKey: ["workflows", "first"],
    queryFn: () => api.listWorkflows({ query: { limit: 1 } }),
  });
  const environments = system?.environments.map(({ name }) => name) ?? [];
  const agents = useQuery({
    queryKey: ["workflows", "agents", "of all", environments],
    queryFn: async () =>
      (
        await Promise.all(environments.map((environment) => api.listAgents({ query: { environment } })))
      ).flatMap(({ items }) => items),
    enabled: system !== undefined,
  });
  const decided = useQuery({
    queryKey: ["approvals", "first decided"],
    queryFn: () => api.listApprovals({ query: { status: ["APPROVED", "REJECTED"], limit: 1 } }),
  });
  const first = found.data?.items[0];
  const isWritten =
    runs > 0 || first !== undefined || system?.environments.some(({ workflows }) => workflows > 0) === true;
  const hasDecided = (decided.data?.items.length ?? 0) > 0;
  const real = agents.data?.filter(({ simulated, problems }) => !simulated && problems.length === 0) ?? [];
  const steps: readonly Step[] = [
    {
      title: "Station is up",
      isDone: true,
      text: system === undefined ? "" : `Version ${system.version}.`,
    },
    {
      title: "Write a workflow",
      isDone: isWritten,
      text: isWritten ? (
        <>
          <Link to="/workflows">Found</Link>
          {first && (
            <>
              , such as <code>{first.id}</code>
            </>
          )}
          .
        </>
      ) : (
        <>
          Put a file into <code>environments/default/workflows/</code>: it is here after <code>stn sync</code>
          , or by itself under <code>stn dev</code>. Or install an example.
        </>
      ),
      action: <Link to="/workflows">Write or install one</Link>,
    },
    {
      title: "Run it",
      isDone: runs > 0,
      text:
        runs > 0 ? (
          <Link to="/runs">{plural(runs, "run")}</Link>
        ) : isWritten ? (
          "Its form asks for what it needs."
        ) : (
          "As soon as there is a workflow."
        ),
      action: isWritten && (
        <Button look="primary" onClick={() => openStart()}>
          Start a run
        </Button>
      ),
    },
    {
      title: "Approve something",
      isDone: hasDecided,
      text: hasDecided ? (
        <Link to="/approvals" search={{ show: "decided" }}>
          What was decided
        </Link>
      ) : (
        <>
          A state with <code>action: human.approval</code> asks here, with the evidence and what follows.
        </>
      ),
      action: waiting > 0 && <Link to="/approvals">{plural(waiting, "approval")} for you</Link>,
    },
    {
      title: "Connect a model",
      isDone: real.length > 0,
      text:
        real.length > 0 ? (
          <>
            {plural(real.length, "agent")} with a model, such as {real[0]?.name}.
          </>
        ) : (
          <>
            Until then agents are simulated: set a provider's key and name the model in the agent's prompt
            file.
          </>
        ),
    },
  ];
  return { steps, areKnown: [found, agents, decided].every(({ data }) => data !== undefined) };
}

function Steps({
  steps,
  isNarrow = false,
}: {
  readonly steps: readonly Step[];
  readonly isNarrow?: boolean;
}) {
  const next = steps.find(({ isDone }) => !isDone);
  return (
    <ol className={s.steps} data-narrow={isNarrow || undefined}>
      {steps.map((step) => (
        <li key={step.title} className={s.step} data-next={step === next || undefined}>
          <span className={s.tick} data-tone={step.isDone ? "good" : "quiet"}>
            {step.isDone ? <Check size={15} strokeWidth={2.5} /> : <Circle size={15} />}
            <span className="sr">{step.isDone ? "Done" : "To do"}</span>
          </span>
          <div>
            <h3 className={s.stepTitle}>{step.title}</h3>
            {step.text && !(isNarrow && step.isDone) && <p className={s.stepText}>{step.text}</p>}
          </div>
          {step === next && step.action}
        </li>
      ))}
    </ol>
  );
}

type Step = {
  readonly title: string;
  readonly isDone: boolean;
  readonly text: ReactNode;
  readonly action?: ReactNode;
};
