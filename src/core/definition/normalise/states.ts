import { isList, isObject, type JsonValue } from "../../json.ts";
import { remember } from "../origins.ts";
import { pointerTo } from "../pointer.ts";
import { didYouMean } from "../suggest.ts";
import type { Block, State } from "../types.ts";
import { readAgent } from "./agent.ts";
import type { StateFields } from "./base.ts";
import { readTransition } from "./base.ts";
import { readForeach, readParallel, readTry } from "./containers.ts";
import { type Fields, type Found, fieldsOf, find, innerFields, kindOf, refuseUnknown } from "./fields.ts";
import { nameComplaint, readName } from "./names.ts";
import { readOperation } from "./operation.ts";
import { missing, text } from "./read.ts";
import { fail, type Report } from "./report.ts";
import { readInject, readSignal, readTimer, readTransform } from "./simple.ts";
import { type Spelling, STATE_TYPES } from "./state-types.ts";
import { readSwitch } from "./switch.ts";

/** A state of the author's list and where it stands there. */
export type RawState = { readonly value: JsonValue; readonly pointer: string };

/** The states of one list. Names are unique within it; other lists may use them again. */
export function readStates(report: Report, raw: readonly RawState[], owner: string): readonly State[] {
  const seen = new Map<string, string>();
  return raw.map(({ value, pointer }, index) => {
    const fields = fieldsOf(report, value, pointer, stateTitle(value, index, owner));
    const place = raw.length === 1 ? "only" : index === raw.length - 1 ? "last" : "inner";
    const name = isObject(value) ? readName(fields) : "";
    const state = readState({ fields, input: null, name, place });
    if (seen.has(name) && name !== "")
      fail(
        report,
        "DUPLICATE_NAME",
        fields.moved.get("name") ?? pointer,
        `${owner} has two states "${name}"`,
        {
          hint: "names are unique within one list of states",
        },
      );
    seen.set(name, pointer);
    remember(state, { pointer, moved: fields.moved });
    return state;
  });
}

function stateTitle(value: JsonValue, index: number, owner: string): string {
  const name = isObject(value) ? (value["name"] ?? value["id"]) : undefined;
  return typeof name === "string" && name !== "" ? `state "${name}"` : `state ${index + 1} of ${owner}`;
}

function readState(state: StateFields): State {
  const { fields } = state;
  const spelling = readType(fields);
  if (!spelling) return standIn(state);
  switch (spelling.type) {
    case "operation": {
      const operation = { ...state, input: innerFields(fields, "input") };
      return readOperation(operation, spelling.action ?? null) ?? standIn(state);
    }
    case "switch":
      return readSwitch(state);
    case "parallel":
      return readParallel(state, readBlock);
    case "inject":
      return readInject(state);
    case "foreach":
      return readForeach(state, readBlock);
    case "transform":
      return readTransform(state);
    case "timer":
      return readTimer(state);
    case "signal":
      return readSignal(state);
    case "try":
      return readTry(state, readBlock);
  }
}

function readType(fields: Fields): Spelling | null {
  if (Object.keys(fields.value).length === 0) return null;
  const found = find(fields, "type");
  if (!found)
    missing(fields, "type", fields.value["action"] === undefined ? undefined : 'add "type: operation"');
  const type = text(fields, found);
  if (!found || type === undefined) return null;
  if (Object.hasOwn(STATE_TYPES, type)) return STATE_TYPES[type] ?? null;
  if (type === "cron")
    fail(
      fields.report,
      "INVALID_VALUE",
      found.pointer,
      `${fields.what}: only the start state of a workflow can be of type cron`,
    );
  else
    fail(
      fields.report,
      "UNKNOWN_STATE_TYPE",
      found.pointer,
      `${fields.what} has the unknown type "${type}"`,
      {
        expected: Object.keys(STATE_TYPES).join(", "),
        actual: type,
        hint: didYouMean(type, Object.keys(STATE_TYPES)),
      },
    );
  return null;
}

/** Takes the place of a state that cannot be read, so that its name and transition are still known to others. */
function standIn(state: StateFields): State {
  return {
    type: "inject",
    name: state.name,
    data: {},
    transition: readTransition({ ...state, place: "only" }),
  };
}

/** A branch, an iterator, or a block of a try. */
function readBlock(fields: Fields, name: string, list?: Found): Block {
  const block =
    list || !isShorthand(fields) ? readFullBlock(fields, name, list) : readShorthand(fields, name);
  remember(block, { pointer: fields.pointer, moved: fields.moved });
  return block;
}

function isShorthand({ value }: Fields): boolean {
  return (
    !Object.hasOwn(value, "states") && (Object.hasOwn(value, "agent") || Object.hasOwn(value, "agent_id"))
  );
}

function readFullBlock(fields: Fields, name: string, list?: Found): Block {
  const found = list ?? find(fields, "states");
  const start = text(fields, find(fields, "start"));
  const states = readStateList(fields, found);
  refuseUnknown(fields);
  return { name, start: start ?? states[0]?.name ?? "", states };
}

function readStateList(fields: Fields, found: Found | null): readonly State[] {
  if (!found) missing(fields, "states");
  if (!found) return [];
  if (!isList(found.value)) {
    const message = `"states" of ${fields.what} must be a list, not ${kindOf(found.value)}`;
    fail(fields.report, "WRONG_TYPE", found.pointer, message, { expected: "array", actual: found.value });
    return [];
  }
  if (found.value.length === 0)
    fail(fields.report, "EMPTY_WORKFLOW", found.pointer, `${fields.what} has no states`);
  const raw = found.value.map((value, index) => ({ value, pointer: pointerTo(found.pointer, index) }));
  return readStates(fields.report, raw, fields.what);
}

/** `agent: x` in place of states: one step, whose result is the block's result. */
function readShorthand(fields: Fields, name: string): Block {
  const written = text(fields, find(fields, "name")) ?? text(fields, find(fields, "agent", "agent_id")) ?? "";
  const stateName = nameComplaint(written) === null ? written : name;
  const state: StateFields = { fields, input: innerFields(fields, "input"), name: stateName, place: "only" };
  const agent = readOperation(state, "agent.run") ?? readAgent(state);
  remember(agent, { pointer: fields.pointer, moved: fields.moved });
  return { name, start: agent.name, states: [agent], resultOf: agent.name };
}
