import type { Definition } from "../../core/definition/types.ts";
import type { Channel } from "../../core/identity/channel.ts";
import type { AdminEvent } from "./admin-events.ts";
import type { RunSummary } from "./queries.ts";
import type { Once } from "./runs.ts";

export type WorkflowStore = {
  /** A definition that is not there yet, or a new version; an unchanged one makes none. */
  publish(publication: Publication): Promise<PublishResult>;
  /** The version asked for, else the current one. */
  get(environment: string, id: string, version?: number): Promise<StoredWorkflow | null>;
  /** The same without the source: what a start needs, and cheap to ask for. */
  startable(environment: string, id: string, version?: number): Promise<Startable | null>;
  /** By environment and id. */
  list(environment?: string): Promise<readonly WorkflowSummary[]>;
  /** The same with how their runs went lately. It looks at the runs of each: to be asked of those that are shown. */
  withFigures(of: readonly WorkflowSummary[]): Promise<readonly FiguredWorkflow[]>;
  /** The environments that have workflows, with how many. */
  environments(): Promise<ReadonlyMap<string, number>>;
  /** Another text once a workflow was published, enabled, disabled or removed: cheap to look at. */
  mark(): Promise<string>;
  /** Every workflow of an environment at its current version, in one question. */
  current(environment: string): Promise<readonly StoredWorkflow[]>;
  /** The workflows of an environment that were removed, with their last versions: one of the same name goes on behind. */
  removed(environment: string): Promise<ReadonlyMap<string, number>>;
  versions(environment: string, id: string): Promise<readonly WorkflowVersion[]>;
  /**
   * Lets new runs begin, or not; false when there is no such workflow. A person's word is not taken back by a sync. The
   * event is kept when something changed.
   */
  setEnabled(environment: string, id: string, change: Switch, event: AdminEvent): Promise<boolean>;
  /** Keeps the event when it was removed. */
  remove(environment: string, id: string, event: AdminEvent): Promise<"removed" | "has-runs" | "unknown">;
};

export type Publication = {
  readonly environment: string;
  readonly definition: Definition;
  /** The author's own bytes. */
  readonly source: string;
  readonly sourceFormat: "yaml" | "json";
  /** Where they came from: a file's path in its environment, or `api`, which leaves a workflow its file's. */
  readonly origin: string;
  /** The version whose text this is. */
  readonly restores?: number;
  readonly at: number;
  readonly by: string;
  readonly channel: Channel;
  /** The id of the administrative event that is kept when something changed. */
  readonly eventId: string;
  /** Refuse when the workflow exists (POST) or does not (PUT), or is not at this version (If-Match). */
  readonly expect?: "absent" | "present" | { readonly version: number };
  /** Kept when the workflow is created. */
  readonly once?: Once;
};

export type Switch = { readonly at: number } & (
  | { readonly enabled: true }
  | ({ readonly enabled: false } & Disabled)
);

/** Who disabled a workflow, and why. What the absence of its file did, the file undoes; the rest is for people. */
export type Disabled = { readonly by: string; readonly because: "operator" | "file-missing" };

export type Startable = Pick<StoredWorkflow, "id" | "version" | "enabled" | "definition"> & {
  /** Who published the version. */
  readonly author: string;
};

export type PublishResult =
  | { readonly status: "created" | "updated" | "unchanged" | "enabled"; readonly workflow: StoredWorkflow }
  | { readonly status: "exists" | "absent" }
  | { readonly status: "version-mismatch"; readonly current: number };

export type WorkflowVersion = {
  readonly version: number;
  readonly createdAt: number;
  readonly createdBy: string;
  readonly authorVersion: string;
  /** The earlier version it was made from by a rollback. */
  readonly restoredFrom: number | null;
};

export type StoredWorkflow = {
  readonly id: string;
  readonly environment: string;
  readonly version: number;
  readonly enabled: boolean;
  /** `null` for an enabled one, and where nobody remembers. */
  readonly disabled: Disabled | null;
  readonly definition: Definition;
  readonly source: string;
  readonly sourceFormat: "yaml" | "json";
  readonly origin: string;
  readonly createdAt: number;
  readonly updatedAt: number;
};

export type WorkflowSummary = Omit<StoredWorkflow, "definition" | "source"> & {
  readonly name: string;
  readonly description: string | null;
};

export type FiguredWorkflow = WorkflowSummary & {
  /** Newest first, fourteen at most. */
  readonly lastRuns: readonly Pick<RunSummary, "runId" | "status" | "createdAt" | "finishedAt">[];
  readonly ended30d: Ended;
  /** Half of those that completed took no longer; `null` without any. */
  readonly p50Ms: number | null;
};

/** What the newest runs of the last 30 days came to, a thousand at most. `failed`: timed out too. */
export type Ended = {
  readonly completed: number;
  readonly failed: number;
  /** Failed because a person said no. */
  readonly rejected: number;
  readonly cancelled: number;
};
