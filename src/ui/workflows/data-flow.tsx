import { useQuery } from "@tanstack/react-query";
import type { DataFlow as Report, Workflow } from "../../http/schemas/workflows.ts";
import { api } from "../api.ts";
import { Note } from "../kit/badge.tsx";
import { ErrorPanel } from "../kit/error-panel.tsx";
import { Panel, Quiet } from "../kit/panel.tsx";
import { SkeletonRows } from "../kit/skeleton.tsx";
import s from "./workflow-page.module.css";

type Edge = Report["edges"][number];

/** How data flows from state to state, with what speaks against it first. */
export function DataFlow({ workflow }: { readonly workflow: Workflow }) {
  const { id, version, environment, source } = workflow;
  const query = useQuery({
    queryKey: ["workflows", "flow", environment, id, version],
    queryFn: () =>
      api.validateWorkflow({ body: { definition: source, environment }, query: { report: true } }),
  });
  return (
    <Panel title="How data flows" padded>
      {query.data ? (
        <Edges report={query.data.report ?? null} />
      ) : query.isError ? (
        <ErrorPanel
          what="How data flows could not be found out"
          error={query.error}
          onRetry={() => void query.refetch()}
          target="/api/v1/workflows/validate"
        />
      ) : (
        <SkeletonRows label="Following the data" />
      )}
    </Panel>
  );
}

const ORDER = ["incompatible", "cannot-tell", "compatible"] as const;

function Edges({ report }: { readonly report: Report | null }) {
  if (!report || report.edges.length === 0) return <Quiet>Nothing flows here.</Quiet>;
  const edges = ORDER.flatMap((verdict) => report.edges.filter((edge) => edge.verdict === verdict));
  return (
    <>
      <ul className={s.flows}>
        {edges.map((edge, index) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: ways have no other identity and keep their order
          <Way key={index} edge={edge} />
        ))}
      </ul>
      {!report.isComplete && <Quiet>The workflow is too large to be followed to its end.</Quiet>}
    </>
  );
}

const VERDICTS = {
  compatible: { tone: "good", words: "Compatible" },
  "cannot-tell": { tone: "quiet", words: "Cannot tell" },
  incompatible: { tone: "bad", words: "Incompatible" },
} as const;

function Way({ edge: { within, from, to, line, gives, needs, verdict, reasons } }: { readonly edge: Edge }) {
  const { tone, words } = VERDICTS[verdict];
  return (
    <li className={s.way}>
      <span>
        <Note tone={tone}>{words}</Note>
      </span>
      <div>
        <a href={`#L${line}`} className={s.place}>
          {within !== null && `${within}: `}
          {from ?? (within === null ? "input" : "begin")} → {to ?? "output"}
        </a>
        {reasons.map((reason) => (
          <p key={reason}>{reason}</p>
        ))}
        <p className={s.faint}>
          gives <code>{gives}</code>, needs <code>{needs}</code>
        </p>
      </div>
    </li>
  );
}
