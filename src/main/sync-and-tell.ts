import { syncEnvironment } from "../engine/sync.ts";
import type { Station } from "./station.ts";

/** Syncs an environment on behalf of nobody; the log gets a line per file that changed or was not taken. */
export async function syncAndTell(ports: Station["ports"], environment: string): Promise<void> {
  const report = await syncEnvironment(ports, {
    environment,
    dryRun: false,
    by: "system:sync",
    channel: "sync",
  });
  if ("known" in report) return; // its folder was removed: nothing says that its workflows should go
  for (const { file, result, reason, diagnostics, version } of report.rows) {
    if (result === "unchanged" || result === "ok") continue;
    const first = diagnostics.find(({ severity }) => severity === "error") ?? diagnostics[0];
    const hint = first?.hint ? `: ${first.hint}` : "";
    const why = reason ?? (first ? `${first.line}:${first.column} ${first.message}${hint}` : null);
    const facts = { environment, file, result, version, ...(why === null ? {} : { reason: why }) };
    if (result === "invalid") ports.log.warn("file not taken", facts);
    else ports.log.info("file synced", facts);
  }
}
