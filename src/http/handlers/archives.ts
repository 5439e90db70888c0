import type { RunId } from "../../core/run/ids.ts";
import { isoTime } from "../../core/time.ts";
import type { Purge } from "../../engine/ports/archives.ts";
import { bringBackRuns, holdRun, purgeRun, releaseRun } from "../../engine/retention.ts";
import { decodeCursor, linkTo, pageOf } from "../cursor.ts";
import type { Handlers } from "../handler.ts";
import type { HttpPorts } from "../ports.ts";
import { HttpProblem, notFound } from "../problems.ts";

type Names = "listArchives" | "bringBackRuns" | "holdRun" | "releaseRun" | "purgeRun";

const WHY_NOT: Readonly<Record<Exclude<Purge, "purged" | "unknown">, string>> = {
  open: "has not ended; cancel it first",
  busy: "is not sealed to its end yet, or somebody is still to be told of it; ask again in a moment",
  awaited: "was called by a run that has not taken its result yet; ask again when that has gone on or ended",
  archived: "is in an archive, or on its way there; bring it back first",
};

/** Archives, and what keeps runs out of them. */
export function archiveHandlers(ports: HttpPorts): Handlers<Names> {
  return {
    async listArchives({ query: { limit, cursor }, url }) {
      const filter = { list: "archives" };
      const before = cursor === undefined ? {} : { before: decodeCursor(cursor, filter).id };
      const rows = await ports.store.archives.list({ limit: limit + 1, ...before });
      const body = pageOf(
        rows,
        limit,
        filter,
        ({ createdAt, archiveId }) => ({ at: createdAt, id: archiveId }),
        (archive) => ({ ...archive, createdAt: isoTime(archive.createdAt) }),
      );
      return { body, headers: linkTo(url, body.nextCursor) };
    },

    async bringBackRuns({ params: { archiveId }, body: { runIds }, by }) {
      const result = await bringBackRuns(ports, archiveId, runIds ?? null, by);
      switch (result.status) {
        case "back":
          return { body: { runIds: [...result.runIds] } };
        case "unknown":
          throw notFound(`archive ${archiveId}`);
        case "unfinished":
          throw new HttpProblem(
            "archive-unusable",
            `archive ${archiveId} is being made: its runs are still here`,
          );
        case "damaged":
          throw new HttpProblem("archive-unusable", `archive ${archiveId} cannot be read: ${result.problem}`);
      }
    },

    async holdRun({ params: { runId }, body: { reason }, by }) {
      const held = await holdRun(ports, runId, reason, by);
      if (held === "unknown") throw notFound(`run ${runId}`);
      if (held === "archived")
        throw new HttpProblem(
          "archive-unusable",
          `run ${runId} is on its way into an archive; bring it back from there`,
        );
      return { body: null };
    },

    async purgeRun({ params: { runId }, body: { reason }, by }) {
      const result = await purgeRun(ports, runId, reason, by);
      if (result === "unknown") throw notFound(`run ${runId}`);
      if (result !== "purged") throw new HttpProblem("not-purgeable", `run ${runId} ${WHY_NOT[result]}`);
      return { body: null };
    },

    async releaseRun({ params: { runId }, body: { reason }, by }) {
      const released = await releaseRun(ports, runId, reason, by);
      if (!released && (await ports.store.queries.status(runId as RunId)) === null)
        throw notFound(`run ${runId}`);
      return { body: null };
    },
  };
}
