import { X } from "lucide-react";
import { lazy, Suspense, useState } from "react";
import type { BulkAction } from "../../../core/run/bulk.ts";
import type { RunRow } from "../../../http/schemas/runs.ts";
import { plural } from "../../format.ts";
import { Button, IconButton } from "../../kit/button.tsx";
import { useRights } from "../../system.ts";
import type { RunListSearch } from "../run-list-search.ts";
import { ACTIONS, WORDS, whyNone, whyNoneOfAll } from "./bulk-words.ts";
import { ExportMenu } from "./export-menu.tsx";
import s from "./list.module.css";

const BulkDialog = lazy(() => import("./bulk-dialog.tsx").then((module) => ({ default: module.BulkDialog })));

/** What can be done with the marked runs, or with all that fit the filter. */
export function BulkBar({
  marked,
  scope,
  onClear,
}: {
  readonly marked: readonly RunRow[];
  readonly scope: RunListSearch;
  readonly onClear: () => void;
}) {
  const [action, setAction] = useState<BulkAction | null>(null);
  const [isAll, setAll] = useState(false);
  const { whyNot } = useRights();
  const mayNot = (at: string) => whyNot("runs:write", at);
  const environment = scope.environment ?? "default";
  const target = isAll
    ? ({ kind: "all", scope, environment } as const)
    : ({ kind: "marked", runs: marked } as const);
  return (
    <div className={s.bar} role="toolbar" aria-label="Marked runs">
      <span className={s.count}>
        {isAll ? `All that match in ${environment}` : `${plural(marked.length, "run")} marked`}
      </span>
      <Button look="ghost" aria-pressed={isAll} onClick={() => setAll(!isAll)}>
        {isAll ? "Only the marked ones" : "All that match"}
      </Button>
      <span className={s.actions}>
        {ACTIONS.map((one) => (
          <Button
            key={one}
            icon={WORDS[one].icon}
            look={one === "cancel" ? "danger" : "plain"}
            disabledBecause={
              isAll ? (mayNot(environment) ?? whyNoneOfAll(one, scope)) : whyNone(one, marked, mayNot)
            }
            onClick={() => setAction(one)}
          >
            {WORDS[one].verb}…
          </Button>
        ))}
        <ExportMenu target={target} />
        <IconButton icon={X} label="Unmark all" shortcut="Esc" onClick={onClear} />
      </span>
      <Suspense>
        {action && (
          <BulkDialog
            action={action}
            target={target}
            onClose={(isDone) => {
              setAction(null);
              if (isDone) onClear();
            }}
          />
        )}
      </Suspense>
    </div>
  );
}
