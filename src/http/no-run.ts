import type { HttpPorts } from "./ports.ts";
import { type HttpProblem, notFound } from "./problems.ts";

/** That there is no such run, or which file it is in. */
export async function noRun({ store }: Pick<HttpPorts, "store">, id: string): Promise<HttpProblem> {
  const archived = await store.archives.find(id);
  return notFound(
    archived ? `run ${id}: it is in the archive ${archived.archiveId} (${archived.file})` : `run ${id}`,
  );
}
