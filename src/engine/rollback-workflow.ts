import type { Channel } from "../core/identity/channel.ts";
import type { Publication } from "./ports/workflows.ts";
import { type Published, publishWorkflow } from "./publish-workflow.ts";
import { type SyncState, type SyncStatePorts, syncStates } from "./sync-state.ts";

type RollbackPorts = Parameters<typeof publishWorkflow>[0] & SyncStatePorts;

export type Rollback = {
  readonly environment: string;
  readonly id: string;
  /** The version to go back to. */
  readonly version: number;
  readonly by: string;
  readonly channel: Channel;
  readonly expect: NonNullable<Publication["expect"]>;
};

export type RolledBack =
  | { readonly status: "no-version" }
  | (Published & {
      /** The workflow's file, which the next sync will compare it with, and how it stands to it now. */
      readonly file: { readonly path: string; readonly state: SyncState } | null;
    });

/**
 * Makes a new version from an earlier one's text, as far as it is valid today. The workflow stays its file's: where
 * that says something else the next sync brings it back, which the answer tells.
 */
export async function rollBack(ports: RollbackPorts, rollback: Rollback): Promise<RolledBack> {
  const { environment, id, version, by, channel, expect } = rollback;
  const { workflows } = ports.store;
  const [old, current] = await Promise.all([
    workflows.get(environment, id, version),
    workflows.get(environment, id),
  ]);
  if (!old || !current) return { status: "no-version" };
  const { origin } = current;
  const published = await publishWorkflow(ports, {
    environment,
    source: { text: old.source, format: old.sourceFormat, file: `${id} v${version}` },
    origin,
    by,
    channel,
    expect,
    id,
    restores: version,
  });
  if (!("workflow" in published) || origin === "api") return { ...published, file: null };
  const [state = "none"] = await syncStates(ports, environment, [published.workflow]);
  return { ...published, file: { path: origin, state } };
}
