import { AckPolicy, type JetStreamManager, RetentionPolicy, StorageType } from "@nats-io/jetstream";
import type { Finding } from "../../engine/ports/queries.ts";
import { type Names, WORKERS } from "./names.ts";
import { unlessMissing } from "./topology.ts";

/** So many tasks are no longer a moment's backlog. */
const MANY = 10_000;

/** Streams and consumer as they are on the server, with what to do about each that is wrong. */
export async function examineTopology(manager: JetStreamManager, names: Names): Promise<readonly Finding[]> {
  const tasks = await examineStream(manager, names.tasks, RetentionPolicy.Workqueue);
  const events = await examineStream(manager, names.events, RetentionPolicy.Limits);
  return [tasks, events, await examineWorkers(manager, names.tasks)];
}

async function examineStream(
  manager: JetStreamManager,
  name: string,
  retention: RetentionPolicy,
): Promise<Finding> {
  const check = `stream ${name}`;
  const info = await unlessMissing(manager.streams.info(name));
  if (info === null)
    return {
      check,
      ok: false,
      detail: "not there; an API or worker makes it anew at its start, nothing is lost",
    };
  const { config, state } = info;
  const wrong = [
    ...(config.retention === retention ? [] : [`retention is ${config.retention}, not ${retention}`]),
    ...(config.storage === StorageType.File ? [] : ["it is kept in memory, not in files"]),
    ...(info.cluster && !info.cluster.leader
      ? ["it has no leader: is a majority of the NATS servers up?"]
      : []),
  ];
  const size = `${state.messages} messages, ${config.num_replicas} replicas`;
  if (wrong.length === 0) return { check, ok: true, detail: size };
  return { check, ok: false, detail: `${wrong.join("; ")}; delete it, and it is made anew: nothing is lost` };
}

async function examineWorkers(manager: JetStreamManager, stream: string): Promise<Finding> {
  const check = `consumer ${WORKERS}`;
  const info = await unlessMissing(manager.consumers.info(stream, WORKERS));
  if (info === null)
    return {
      check,
      ok: false,
      detail: "not there; an API or worker makes it anew at its start, nothing is lost",
    };
  const { config, num_pending: pending, num_ack_pending: inHand } = info;
  const waiting = `${pending} tasks wait, ${inHand} in hand`;
  if (config.ack_policy !== AckPolicy.Explicit || (config.max_deliver ?? -1) !== -1)
    return {
      check,
      ok: false,
      detail: "its settings lose tasks; delete it, and it is made anew: nothing is lost",
    };
  if (pending > MANY) return { check, ok: false, detail: `${waiting}; start more workers` };
  return { check, ok: true, detail: waiting };
}
