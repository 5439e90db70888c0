import { api, queryClient } from "../api.ts";
import { copyText } from "../kit/copy.ts";
import { whyOf } from "../kit/error-panel.tsx";
import { saveText } from "../kit/save-text.ts";
import { say } from "../kit/toast.ts";
import { editorAddress } from "./editor-address.ts";
import { toldOf } from "./sync/untaken.ts";

type Filed = { readonly id: string; readonly environment: string; readonly origin: string };

/**
 * Says where a workflow is edited, and copies the path; where files are read in as they are saved (`watched` is their
 * folder on this machine), opens it in the editor that takes such addresses.
 */
export async function showFile(
  { id, environment, origin }: Filed,
  watched: string | null = null,
): Promise<void> {
  if (origin === "api") return say(`${id} has no file: it is changed through the API`);
  const path = watched === null ? origin : `${watched}/${environment}/${origin}`;
  const isCopied = await copyText(path);
  if (watched !== null) location.assign(editorAddress(path));
  const where = watched === null ? `${path}, in the folder of ${environment}` : path;
  say(`${id} is edited in ${where}${isCopied ? "; the path is copied" : ""}`);
}

/** Saves the text of a workflow whose file is gone, and says where it belongs. */
export async function restoreFile(filed: Filed): Promise<void> {
  await saveDefinition(filed);
  say(
    `Put it back as ${filed.origin}, in the folder of ${filed.environment}: the next sync enables it again`,
  );
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

/** Makes what the files of an environment say the current versions, and says what came of it; throws when nothing did. */
export async function syncFiles(environment: string): Promise<void> {
  const { rows } = await api.sync({ body: { environment } });
  const { done, failed } = toldOf(environment, rows);
  if (done !== null) say(done, "success");
  if (failed !== null) say(failed, "error");
  await queryClient.invalidateQueries({ queryKey: ["workflows"] });
}
