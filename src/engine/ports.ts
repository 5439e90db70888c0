import type { AdminEvents } from "./ports/admin-events.ts";
import type { AgentRunner } from "./ports/agent-runner.ts";
import type { AgentStore } from "./ports/agents.ts";
import type { ApiKeys } from "./ports/api-keys.ts";
import type { Archives } from "./ports/archives.ts";
import type { Checkpoints, EvidenceSource } from "./ports/audit.ts";
import type { Backups } from "./ports/backups.ts";
import type { Cursors } from "./ports/cursors.ts";
import type { DefinitionReader } from "./ports/definitions.ts";
import type { Expressions } from "./ports/expressions.ts";
import type { Hooks } from "./ports/hooks.ts";
import type { EndedSessions } from "./ports/identity-provider.ts";
import type { InstalledBundles } from "./ports/installed.ts";
import type { Leases } from "./ports/leases.ts";
import type { Notifications } from "./ports/notifications.ts";
import type { Outbox } from "./ports/outbox.ts";
import type { VouchedIdentities } from "./ports/people.ts";
import type { Queries } from "./ports/queries.ts";
import type { TaskQueue } from "./ports/queue.ts";
import type { Reach } from "./ports/reach.ts";
import type { RunStore } from "./ports/runs.ts";
import type { Schedules } from "./ports/schedules.ts";
import type { Schemas } from "./ports/schemas.ts";
import type { Seals } from "./ports/seals.ts";
import type { Vault } from "./ports/vault.ts";
import type { WorkflowStore } from "./ports/workflows.ts";

/** The whole outside world on one page: everything the engine asks of it. Times are milliseconds since 1970. */
export type Ports = {
  readonly store: Store;
  readonly queue: TaskQueue;
  readonly agents: AgentRunner;
  readonly expressions: Expressions;
  readonly schemas: Schemas;
  readonly definitions: DefinitionReader;
  readonly clock: Clock;
  readonly log: Log;
  /** Encrypts secrets that are kept; without it none can be. */
  readonly vault?: Vault;
  /** How people and other programs are reached; without it nobody is told anything. */
  readonly reach?: Reach;
};

export type Clock = { now(): number; random(): number };

/** JSON lines; the message is a constant phrase, facts are snake_case fields (PRD §5.2). */
export type Log = {
  info(message: string, facts?: Readonly<Record<string, unknown>>): void;
  warn(message: string, facts?: Readonly<Record<string, unknown>>): void;
  error(message: string, facts?: Readonly<Record<string, unknown>>): void;
};

export type Store = {
  readonly runs: RunStore;
  readonly outbox: Outbox;
  readonly leases: Leases;
  readonly workflows: WorkflowStore;
  readonly queries: Queries;
  readonly seals: Seals;
  readonly cursors: Cursors;
  readonly agents: AgentStore;
  readonly keys: ApiKeys;
  readonly adminEvents: AdminEvents;
  readonly checkpoints: Checkpoints;
  readonly evidence: EvidenceSource;
  readonly hooks: Hooks;
  readonly endedSessions: EndedSessions;
  readonly vouched: VouchedIdentities;
  readonly backups: Backups;
  readonly notifications: Notifications;
  readonly schedules: Schedules;
  readonly archives: Archives;
  readonly bundles: InstalledBundles;
  /** Rejects with `StoreUnavailable` when the database cannot be reached. */
  ping(): Promise<void>;
  close(): Promise<void>;
};
