import { stat } from "node:fs/promises";
import type { Metrics } from "../adapters/metrics/metrics.ts";
import type { Config } from "./config.ts";
import { version } from "./version.ts";

/** The figures of this process, where there is a port to ask for them; loaded only then. */
export async function openMetrics({ admin }: Config, program: "api" | "worker"): Promise<Metrics | null> {
  if (admin === null) return null;
  const { createMetrics } = await import("../adapters/metrics/metrics.ts");
  return createMetrics({ version, program });
}

/** Bytes of the write-ahead log beside a database file; `null` where the database is elsewhere. */
export async function walBytes({ database }: Config): Promise<number | null> {
  if (database.kind !== "file") return null;
  try {
    return (await stat(`${database.path}-wal`)).size;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return 0;
    throw error;
  }
}
