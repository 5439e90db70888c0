import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { Check, Circle } from "lucide-react";
import type { ReactNode } from "react";
import { api } from "../api.ts";
import { plural } from "../format.ts";
import { Button } from "../kit/button.tsx";
import { openStart } from "../workflows/start/open-start.ts";
import { useWorkflowNames } from "../workflows/use-workflow-names.ts";
import s from "./overview.module.css";

/** A new installation: what comes next. Each line is ticked by itself as it comes true. */
export function FirstSteps({ version }: { readonly version: string | undefined }) {
  const { data: found = [] } = useWorkflowNames(undefined);
  const agents = useQuery({ queryKey: ["workflows", "agents", undefined], queryFn: () => api.listAgents() });
  const real =
    agents.data?.items.filter(({ simulated, problems }) => !simulated && problems.length === 0) ?? [];
  const steps: readonly Step[] = [
    { title: "Station is up", isDone: true, text: version === undefined ? "" : `Version ${version}.` },
    {
      title: "Write a workflow",
      isDone: found.length > 0,
      text:
        found.length > 0 ? (
          <>
            <Link to="/workflows">{plural(found.length, "workflow")}</Link> found, such as{" "}
            <code>{found[0]?.id}</code>.
          </>
        ) : (
          <>
            Put a file into <code>environments/default/workflows/</code>: it is here after{" "}
            <code>stn sync</code>, or by itself under <code>stn dev</code>. Or install an example.
          </>
        ),
      action: <Link to="/workflows">Write or install one</Link>,
    },
    {
      title: "Run it",
      isDone: false,
      text: found.length > 0 ? "Its form asks for what it needs." : "As soon as there is a workflow.",
      action: found.length > 0 && (
        <Button look="primary" onClick={() => openStart()}>
          Start a run
        </Button>
      ),
    },
    {
      title: "Approve something",
      isDone: false,
      text: (
        <>
          A state with <code>action: human.approval</code> asks here, with the evidence and what follows.
        </>
      ),
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
  const next = steps.find(({ isDone }) => !isDone);
  return (
    <div className={s.first}>
      <h2 className={s.firstTitle}>Nothing has run yet</h2>
      <p className={s.firstText}>From here to the first run that people and agents share:</p>
      <ol className={s.steps}>
        {steps.map((step) => (
          <li key={step.title} className={s.step} data-next={step === next || undefined}>
            <span className={s.tick} data-tone={step.isDone ? "good" : "quiet"}>
              {step.isDone ? <Check size={15} strokeWidth={2.5} /> : <Circle size={15} />}
              <span className="sr">{step.isDone ? "Done" : "To do"}</span>
            </span>
            <div>
              <h3 className={s.stepTitle}>{step.title}</h3>
              {step.text && <p className={s.stepText}>{step.text}</p>}
            </div>
            {step === next && step.action}
          </li>
        ))}
      </ol>
    </div>
  );
}

type Step = {
  readonly title: string;
  readonly isDone: boolean;
  readonly text: ReactNode;
  readonly action?: ReactNode;
};
