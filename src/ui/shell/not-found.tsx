import { Link } from "@tanstack/react-router";
import { EmptyState } from "../kit/empty-state.tsx";
import { PageHeader } from "../kit/page.tsx";

/** An address that is none. */
export function NotFoundPage() {
  return (
    <>
      <PageHeader title="Not found" />
      <EmptyState title="There is no such page" action={<Link to="/runs">Go to the runs</Link>}>
        Nothing is at <code>{location.pathname}</code>.
      </EmptyState>
    </>
  );
}
