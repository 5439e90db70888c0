import { api, queryClient } from "../api.ts";
import { plural } from "../format.ts";
import { copyText } from "../kit/copy-button.tsx";
import { whyOf } from "../kit/error-panel.tsx";
import { saveText } from "../kit/save-text.ts";
import { say } from "../kit/toast.ts";

type Filed = { readonly id: string; readonly environment: string; readonly origin: string };

/** Says where a workflow is edited, and copies the path. */
export async function showFile({ id, environment, origin }: Filed): Promise<void> {
  if (origin === "api") return say(`${id} has no file: it is changed through the API`);
  await copyText(origin);
  say(`${id} is edited in ${origin}, in the folder of ${environment}; the path is copied`);
}

/** Saves the author's own text of the current version. */
export async function saveDefinition({ id, environment }: Filed): Promise<void> {
  try {
    const { source, sourceFormat } = await api.getWorkflow({ params: { id }, query: { environment } });
    saveText(source, `${id}.workflow.${sourceFormat}`, `application/${sourceFormat}`);
  } catch (error) {
    say(`The text of ${id} could not be saved: ${whyOf(error)}`, "error");
  }
}

/** Makes what the files of an environment say the current versions. */
export async function syncFiles(environment: string): Promise<void> {
  try {
    const { rows } = await api.sync({ body: { environment } });
    const changed = rows.filter(({ result }) => result !== "unchanged" && result !== "ok").length;
    say(
      changed === 0
        ? `${environment} is as its files say`
        : `${environment}: ${plural(changed, "file")} changed something or could not`,
      "success",
    );
    await queryClient.invalidateQueries({ queryKey: ["workflows"] });
  } catch (error) {
    say(`The files of ${environment} could not be read in: ${whyOf(error)}`, "error");
  }
}
