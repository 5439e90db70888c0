import { parseRetention, RETENTION_FORMS, type Retention } from "../core/retention/policy.ts";
import type { Reader } from "./environment-reader.ts";

/** What becomes of finished runs. */
export type Keeping = {
  /** Without rules they stay for ever. */
  readonly retention: Retention;
  /** The folder that archives are in, which all workers share. */
  readonly archiveDir: string;
};

export function keepingOf(read: Reader, dataDir: string): Keeping {
  const archiveDir = read.text("STATION_ARCHIVE_DIR") ?? `${dataDir}/archive`;
  const holdLabel = read.text("STATION_HOLD_LABEL") ?? "hold";
  const text = read.text("STATION_RETENTION");
  if (text === null) return { retention: { rules: [], holdLabel }, archiveDir };
  const parsed = parseRetention(text);
  if (!parsed.ok) read.problem("STATION_RETENTION", parsed.problem, RETENTION_FORMS);
  return { retention: { rules: parsed.ok ? parsed.rules : [], holdLabel }, archiveDir };
}

/** Workers that share a database share the folder too: a folder of one of them would be lost with it. */
export function mustHaveArchiveDir(read: Reader, { retention }: Keeping): void {
  if (retention.rules.length === 0 || read.text("STATION_ARCHIVE_DIR") !== null) return;
  read.problem(
    "STATION_ARCHIVE_DIR",
    "is not set: with STATION_RETENTION runs leave the database for a folder that all workers share",
    "a path on a volume that stays",
  );
}
