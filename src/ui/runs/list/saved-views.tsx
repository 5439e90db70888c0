import { Bookmark } from "lucide-react";
import { lazy, Suspense, useState } from "react";
import { Button } from "../../kit/button.tsx";
import { Menu } from "../../kit/menu.tsx";
import type { RunListSearch } from "../run-list-search.ts";
import { forgetView, readViews, saveView } from "./views.ts";

const SaveView = lazy(() => import("./save-view.tsx").then((module) => ({ default: module.SaveView })));

/** Filters by name, kept in this browser; their address can be sent to anybody. */
export function SavedViews({
  search: { peek: _, ...search },
  onChoose,
}: {
  readonly search: RunListSearch;
  readonly onChoose: (search: RunListSearch) => void;
}) {
  const [views, setViews] = useState(readViews);
  const [isSaving, setSaving] = useState(false);
  const here = JSON.stringify(search);
  const current = views.find((view) => JSON.stringify(view.search) === here);
  const isFiltered = Object.keys(search).length > 0;
  return (
    <>
      <Menu
        items={[
          ...views.map((view) => ({ label: view.name, onSelect: () => onChoose(view.search) })),
          ...(views.length > 0 ? (["separator"] as const) : []),
          current
            ? { label: `Forget “${current.name}”`, onSelect: () => setViews(forgetView(current.name)) }
            : {
                label: "Save this view…",
                disabledBecause: isFiltered ? null : "Filter the list first",
                onSelect: () => setSaving(true),
              },
        ]}
      >
        <Button icon={Bookmark}>{current?.name ?? "Views"}</Button>
      </Menu>
      <Suspense>
        {isSaving && (
          <SaveView
            onClose={() => setSaving(false)}
            onSave={(name) => {
              setViews(saveView({ name, search }));
              setSaving(false);
            }}
          />
        )}
      </Suspense>
    </>
  );
}
