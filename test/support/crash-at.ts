import { appendFileSync } from "node:fs";
import { WsStream } from "@libsql/hrana-client";
import Libsql from "libsql";

// Loaded before a program (`node --import`): kills its process right before or right after the transaction that
// CRASH_AT names (`before:7`, `after:7`), counting those that change runs, agents, notifications or
// deliveries to hooks, or what CRASH_TABLES says (a regular expression), in a file or on a server (`ws://`); CRASH_LOG gets
// a line for each.

const [when = "", nth = ""] = (process.env["CRASH_AT"] ?? "").split(":");
const log = process.env["CRASH_LOG"] ?? "";
const tables = process.env["CRASH_TABLES"] ?? "agent_|workflow_run_events|(notification|hook)_deliveries";
const counted = new RegExp(`^(insert into|update) (${tables})`);

type Statement = { run(...args: unknown[]): unknown; all(...args: unknown[]): unknown };

let isWorthwhile = false;
let isOpen = false;
let count = 0;

const changes = (sql: string) => counted.test(sql.trim().toLowerCase());
const die = () => process.kill(process.pid, "SIGKILL");
const prepare = Libsql.prototype.prepare as (sql: string) => Statement;

Libsql.prototype.prepare = function (this: Libsql.Database, sql: string) {
  const statement = prepare.call(this, sql);
  const text = sql.trim().toLowerCase();
  const around = (call: (...args: unknown[]) => unknown) =>
    function (this: unknown, ...args: unknown[]) {
      if (text === "begin immediate") {
        isOpen = true;
        isWorthwhile = false;
      }
      if (isOpen && changes(text)) isWorthwhile = true;
      if (text !== "commit" || !isWorthwhile) return call.apply(statement, args);
      count++;
      if (log !== "") appendFileSync(log, `${count}\n`);
      if (when === "before" && count === Number(nth)) die();
      const result = call.apply(statement, args);
      isOpen = false;
      isWorthwhile = false;
      if (when === "after" && count === Number(nth)) die();
      return result;
    };
  statement.run = around(statement.run);
  statement.all = around(statement.all);
  return statement;
} as typeof Libsql.prototype.prepare;

const batch = WsStream.prototype._batch;
WsStream.prototype._batch = async function (this: WsStream, asked) {
  const texts = asked.steps.map(({ stmt }) => stmt.sql ?? "");
  if (texts[0] !== "BEGIN IMMEDIATE" || !texts.some(changes)) return batch.call(this, asked);
  count++;
  const isThis = count === Number(nth);
  if (log !== "") appendFileSync(log, `${count}\n`);
  if (isThis && when === "before") die();
  const answered = await batch.call(this, asked);
  if (isThis && when === "after") die();
  return answered;
};
