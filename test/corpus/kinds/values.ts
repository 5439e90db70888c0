import { pointerTo } from "../../../src/core/definition/pointer.ts";
import { isObject, type JsonObject, type JsonValue } from "../../../src/core/json.ts";
import { eachState, type Kind, keyIn, type Mutation, put, type RawState } from "../mutate.ts";

const WRONG: Readonly<Record<string, JsonValue>> = {
  next: ["a"],
  transition: { to: "a" },
  end: "yes",
  conditions: "x > 1",
  branches: { a: 1 },
  iterator: "agent",
  data: [1],
  expression: 5,
  resultPath: 7,
  agent: ["a"],
  message: { text: "m" },
  approvers: { team: "x" },
  retry: 3,
  task: 12,
  itemsPath: ["a", "b"],
  signal: true,
  states: "none",
};

function ofAgents(workflow: JsonObject, places: (state: RawState) => readonly Mutation[]) {
  return eachState(workflow, (raw) => (isAgent(raw.state) ? places(raw) : []));
}

function isAgent(state: JsonObject): boolean {
  return state["type"] === "agent" || state["action"] === "agent.run" || state["operation"] === "agent.run";
}

function isApproval(state: JsonObject): boolean {
  return (
    ["approval", "human_approval"].includes(String(state["type"])) || state["action"] === "human.approval"
  );
}

/** The map in which an approval's settings stand. */
function settingsAt({ pointer, state }: RawState): string {
  return isObject(state["input"]) && Object.hasOwn(state["input"], "message") ? `${pointer}/input` : pointer;
}

/** What is wrong with one value. */
export const values: Readonly<Record<string, Kind>> = {
  "wrong type": (workflow) =>
    eachState(workflow, ({ pointer, state }) =>
      Object.entries(WRONG).flatMap(([key, value]) =>
        Object.hasOwn(state, key) ? [put(workflow, `${pointer}/${key}`, value)] : [],
      ),
    ),
  "unknown agent": (workflow) =>
    ofAgents(workflow, ({ pointer, state }) => {
      const input = isObject(state["input"]) ? state["input"] : {};
      const at = Object.hasOwn(state, "agent") ? `${pointer}/agent` : `${pointer}/input/agent`;
      const name = state["agent"] ?? input["agent"];
      return typeof name === "string" ? [put(workflow, at, `${name.replace(/[{}]/g, "")}-2`)] : [];
    }),
  "bad duration": (workflow) =>
    eachState(workflow, ({ pointer, state }) => [
      ...["timeout", "duration"].flatMap((key) =>
        Object.hasOwn(state, key)
          ? [put(workflow, `${pointer}/${key}`, "5 minutes"), put(workflow, `${pointer}/${key}`, "1h1h")]
          : [],
      ),
      ...(keyIn(state, "timeout", "timeoutSeconds", "timeout_seconds") === undefined &&
      state["type"] === "agent"
        ? [put(workflow, `${pointer}/timeoutSeconds`, -5), put(workflow, `${pointer}/timeout`, "soon")]
        : []),
    ]),
  "bad retry": (workflow) =>
    ofAgents(workflow, ({ pointer }) => [
      put(workflow, `${pointer}/retry`, { maxAttempts: 0 }),
      put(workflow, `${pointer}/retry`, { maxAttempts: 2, multiplier: 0.5 }),
      put(workflow, `${pointer}/retry`, { maxAttempts: 2, backoff: "soon" }),
      put(workflow, `${pointer}/retry`, { maxAttempts: 2, backoffSeconds: 60, maxBackoffSeconds: 5 }),
      put(workflow, `${pointer}/retry`, { backoffSeconds: 2 }),
    ]),
  "bad cron": (workflow) =>
    isObject(workflow["schedule"])
      ? ["every day", "61 * * * *", "0 0 31 2 *", "0 0 * * mon-sun-tue", "* * * *"].map((cron) =>
          put(workflow, "/schedule/cron", cron),
        )
      : [put(workflow, "/schedule", { cron: "0 25 * * *" })],
  "bad time zone": (workflow) => [
    isObject(workflow["schedule"])
      ? put(workflow, "/schedule/timezone", "Mars/Olympus")
      : put(workflow, "/schedule", { cron: "@daily", timezone: "Europe/Berlinn" }),
  ],
  "bad quorum": (workflow) =>
    eachState(workflow, (raw) => {
      const at = settingsAt(raw);
      if (!isApproval(raw.state)) return [];
      return [
        put(workflow, `${at}/quorum`, 0),
        put(workflow, `${at}/quorum`, { "team:nobody": 1 }),
        // Whom it is escalated to has a voice as well.
        put(
          put(put(workflow, `${at}/escalate`, []).workflow, `${at}/approvers`, ["user:a", "user:b"]).workflow,
          `${at}/quorum`,
          3,
        ),
      ];
    }),
  "bad approver": (workflow) =>
    eachState(workflow, (raw) =>
      isApproval(raw.state)
        ? [
            put(workflow, `${settingsAt(raw)}/approvers`, ["bob"]),
            put(workflow, `${settingsAt(raw)}/approvers`, []),
          ]
        : [],
    ),
  "bad join": (workflow) =>
    eachState(workflow, ({ pointer, state }) =>
      state["type"] === "parallel"
        ? [put(workflow, `${pointer}/join`, { mode: 9 }), put(workflow, `${pointer}/join`, { mode: "most" })]
        : [],
    ),
  "bad item name": (workflow) =>
    eachState(workflow, ({ pointer, state }) =>
      ["foreach", "for", "loop"].includes(String(state["type"])) && keyIn(state, "itemVariable") === undefined
        ? [put(workflow, `${pointer}/itemName`, "ctx"), put(workflow, `${pointer}/itemName`, "two words")]
        : [],
    ),
  "bad path": (workflow) =>
    eachState(workflow, ({ pointer, state }) => [
      ...(isAgent(state) ? ["steps..x", "a b", "input.x", "ctx"] : []).map((path) =>
        put(workflow, `${pointer}/resultPath`, path),
      ),
      ...["dataPath", "itemsPath", "summaryPath"].flatMap((key) =>
        Object.hasOwn(state, key) ? [put(workflow, `${pointer}/${key}`, "{{ ctx.x }}")] : [],
      ),
    ]),
  "two tasks that differ": (workflow) =>
    ofAgents(workflow, ({ pointer, state }) => {
      if (typeof state["task"] !== "string") return [];
      return [put(workflow, `${pointer}/prompt`, "something else")];
    }),
  "schema that is none": (workflow) => [
    put(workflow, "/inputSchema", { type: "strng" }),
    put(workflow, "/outputSchema", { type: "object", required: "x" }),
  ],
  "bad concurrency": (workflow) => [put(workflow, "/concurrency", { key: "a", limit: 0 })],
  "bad time": (workflow) =>
    eachState(workflow, ({ pointer, state }) =>
      Object.hasOwn(state, "until") ? [put(workflow, pointerTo(pointer, "until"), "tomorrow")] : [],
    ),
};
