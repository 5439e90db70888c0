import type { TaskMessage } from "../../engine/ports/queue.ts";
import {
  CLEAR_ALARM,
  INSERT_ALARM,
  isAboutOneTarget,
  isTaken,
  messageFrom,
  OR_SET,
  OR_WAKE,
  RETURNING_MESSAGE,
  stepOfTarget,
  storedAt,
  type Timing,
} from "./alarms.ts";
import type { FileDriver } from "./file-driver.ts";
import type { Prepared } from "./prepare.ts";
import { wakeMany } from "./wake-many.ts";

const SET_LATER = `${INSERT_ALARM} ${OR_SET}`;
const SET_NOW = `${SET_LATER} ${RETURNING_MESSAGE}`;
const WAKE_LATER = `${INSERT_ALARM} ${OR_WAKE}`;
const WAKE_NOW = `${WAKE_LATER} ${RETURNING_MESSAGE}`;

/** Changes the outbox as a transition says; the messages of what is due at once. */
export function changeAlarmsInFile(
  db: FileDriver,
  item: Prepared,
  lastSeq: number,
  timing: Timing,
): readonly TaskMessage[] {
  const { runId } = item;
  const messages: TaskMessage[] = [];
  for (const alarm of item.alarms) {
    if (!isAboutOneTarget(alarm)) {
      const { sql, args } = wakeMany(runId, alarm, timing);
      const rows = db.statement(sql).all(args);
      if (alarm.dueAt <= timing.now) messages.push(...rows.map(messageFrom));
    } else if (alarm.change === "clear") {
      db.statement(CLEAR_ALARM).run([runId, alarm.target, alarm.seen]);
    } else {
      const { dueAt, sends } = storedAt(alarm.dueAt, timing);
      const stepId = stepOfTarget(item, alarm.target);
      // Revisions never repeat, so that the queue takes no message for an earlier one: an event's number does that.
      const args = [runId, alarm.target, alarm.kind, dueAt, Math.max(lastSeq, 1), sends, stepId];
      if (alarm.change === "set") args.push(alarm.seen);
      const [now, later] = alarm.change === "set" ? [SET_NOW, SET_LATER] : [WAKE_NOW, WAKE_LATER];
      if (sends === 0 || isTaken(alarm)) db.statement(later).run(args);
      else messages.push(...db.statement(now).all(args).map(messageFrom));
    }
  }
  return messages;
}
