import { Plus } from "lucide-react";
import type { ReactNode } from "react";
import type { Scope } from "../../core/identity/permissions.ts";
import { Button } from "../kit/button.tsx";
import { ErrorPanel } from "../kit/error-panel.tsx";
import { Panel, Quiet } from "../kit/panel.tsx";
import { SkeletonRows } from "../kit/skeleton.tsx";
import { useRights } from "../system.ts";

/** What the panel wants to know of the question for its list. */
type Listing = {
  readonly data: { readonly items: readonly unknown[] } | undefined;
  readonly error: unknown;
  readonly isPending: boolean;
  readonly refetch: () => unknown;
};

/**
 * A panel with a list and the way to one more: what it is about (`one`, `many`), and what is there instead while it is
 * loaded, when that failed, and when there is nothing.
 */
export function ListPanel({
  title,
  one,
  many,
  listing,
  target,
  sees,
  makes,
  onNew,
  empty,
  children,
}: {
  readonly title: string;
  readonly one: string;
  readonly many: string;
  readonly listing: Listing;
  /** The route that was asked. */
  readonly target: string;
  /** What it takes to be shown any, and to make one more. */
  readonly sees: Scope;
  readonly makes: Scope;
  readonly onNew: () => void;
  readonly empty: ReactNode;
  readonly children: ReactNode;
}) {
  const { data, error, isPending, refetch } = listing;
  const { whyNot } = useRights();
  return (
    <Panel
      title={title}
      count={data?.items.length}
      more={
        <Button icon={Plus} disabledBecause={whyNot(makes)} onClick={onNew}>
          New {one}…
        </Button>
      }
    >
      {data && data.items.length > 0 ? (
        children
      ) : data ? (
        <Quiet>{whyNot(sees) ?? empty}</Quiet>
      ) : isPending ? (
        <SkeletonRows rows={3} label={`Loading ${many}`} />
      ) : (
        <ErrorPanel
          what={`The ${many} could not be loaded`}
          error={error}
          onRetry={() => void refetch()}
          target={target}
        />
      )}
    </Panel>
  );
}
