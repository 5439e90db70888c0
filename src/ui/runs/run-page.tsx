import { useParams } from "@tanstack/react-router";
import { PageHeader } from "../kit/page.tsx";

/** `/runs/$runId`. */
export function RunPage() {
  const { runId } = useParams({ from: "/runs/$runId" });
  return <PageHeader crumbs={[{ label: "Runs", link: { to: "/runs" } }]} title={runId} mono />;
}
