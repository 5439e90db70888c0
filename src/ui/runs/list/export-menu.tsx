import { Download } from "lucide-react";
import { useState } from "react";
import type { RunRow } from "../../../http/schemas/runs.ts";
import { api } from "../../api.ts";
import { count, plural } from "../../format.ts";
import { Button } from "../../kit/button.tsx";
import { whyOf } from "../../kit/error-panel.tsx";
import { Menu } from "../../kit/menu.tsx";
import { saveText } from "../../kit/save-text.ts";
import { say } from "../../kit/toast.ts";
import { filterOf } from "../use-runs.ts";
import { RUN_FORMATS, type RunFormat, textOfRuns } from "./text-of-runs.ts";
import type { BulkTarget } from "./use-bulk.ts";

/** A file holds at most so many runs: it is made in this tab. */
const MOST = 20_000;
const PAGE = 200;

/** Saves the marked runs, or all that fit the filter, in a form the person chooses. */
export function ExportMenu({ target }: { readonly target: BulkTarget }) {
  const [read, setRead] = useState<number | null>(null);
  const save = async (format: RunFormat) => {
    if (read !== null) return;
    try {
      const runs = target.kind === "marked" ? target.runs : await allOf(target, setRead);
      saveText(textOfRuns(runs, format), `runs.${format}`, RUN_FORMATS[format].type);
      const isCut = runs.length >= MOST;
      say(
        `${plural(runs.length, "run")} saved${isCut ? "; there are more: narrow the filter" : ""}`,
        isCut ? "plain" : "success",
      );
    } catch (error) {
      say(`The runs could not be saved: ${whyOf(error)}`, "error");
    } finally {
      setRead(null);
    }
  };
  return (
    <Menu
      items={(Object.keys(RUN_FORMATS) as RunFormat[]).map((format) => ({
        label: RUN_FORMATS[format].label,
        onSelect: () => void save(format),
      }))}
    >
      <Button icon={Download}>{read === null ? "Export" : `${count(read)} read…`}</Button>
    </Menu>
  );
}

async function allOf(
  { scope, environment }: BulkTarget & { readonly kind: "all" },
  onRead: (runs: number) => void,
): Promise<readonly RunRow[]> {
  const runs: RunRow[] = [];
  let cursor: string | null = null;
  const filter = { ...filterOf(scope), environment };
  do {
    onRead(runs.length);
    const query = { ...filter, why: true, limit: PAGE, ...(cursor !== null && { cursor }) };
    const page: Awaited<ReturnType<typeof api.listRuns>> = await api.listRuns({ query });
    runs.push(...page.items);
    cursor = page.nextCursor;
  } while (cursor !== null && runs.length < MOST);
  return runs;
}
