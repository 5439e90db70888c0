import type { JsonObject } from "../../json.ts";
import type { Action } from "../types.ts";
import { base, onward, timeout } from "./shared.ts";
import {
  alias,
  closed,
  flag,
  map,
  oneOfKeys,
  ref,
  type Schema,
  seconds,
  text,
  when,
  whole,
} from "./words.ts";

const AGENT = text(
  "The agent's name in the workflow's environment: its own name, its file's name, or a slug; `name@environment` for another's, where the installation allows it.",
);
const TASK = text("What the agent is to do, as text with `{{ … }}`.");
const action = (value: string): Schema => ({ const: value, description: "What the operation does." });

const taskKeys = (canonical: string) => alias(TASK, canonical);

const ATTEMPT = timeout("How long an attempt may take.");

const agentInput = closed("What the agent is given.", {
  agent: AGENT,
  agent_id: { type: ["string", "integer"], deprecated: true, description: "Deprecated: write `agent`." },
  task: TASK,
  prompt: taskKeys("task"),
  userInput: taskKeys("task"),
  agent_task: taskKeys("task"),
  agentTask: taskKeys("task"),
  variables: map("Values for the agent's input schema; texts may hold `{{ … }}`."),
  action: action("agent.run"),
  ...ATTEMPT,
});

const retry = closed(
  "How often and how patiently a failed attempt is made again.",
  {
    maxAttempts: whole("Attempts in all, the first included.", { maximum: 100 }),
    max_attempts: alias(whole("", { maximum: 100 }), "maxAttempts"),
    ...seconds("backoff", "The wait before the second attempt; default 1 s.", { minimum: 0 }),
    multiplier: { type: "number", minimum: 1, maximum: 100, description: "How the wait grows; default 2." },
    maxBackoffSeconds: { type: "number", minimum: 0, description: "The longest wait; default 300 s." },
    max_backoff_seconds: alias({ type: "number", minimum: 0 }, "maxBackoffSeconds"),
    jitter: flag("Spreads each wait over ±50 %; default true."),
    retryOn: ref("texts", "Only these error codes are tried again."),
    retry_on: ref("texts", "Another spelling of `retryOn`."),
    nonRetryable: ref("texts", "These error codes are never tried again."),
    non_retryable: ref("texts", "Another spelling of `nonRetryable`."),
  },
  oneOfKeys("maxAttempts", "max_attempts"),
);

const agentKeys = {
  agent: AGENT,
  agent_id: { type: ["string", "integer"], deprecated: true, description: "Deprecated: write `agent`." },
  task: TASK,
  prompt: taskKeys("task"),
  action: action("agent.run"),
  operation: alias(action("agent.run"), "action"),
  input: agentInput,
  retry,
  ...ATTEMPT,
};

const outcome = (list: readonly string[], description: string): Schema => ({
  anyOf: [{ enum: [...list] }, ref("target")],
  description,
});

const STARTER = flag("Whoever started the run may not decide; default true where `approvers` is set.");
const AUTHOR = flag("Whoever published this version of the workflow may not decide either.");
const REJECTIONS = whole("How many rejections it takes; default 1.");
const DELEGATION = flag("An approver may hand their voice to somebody else.");

const decision: Readonly<Record<string, Schema>> = {
  message: text("What is asked, as text with `{{ … }}`."),
  prompt: alias(text(""), "message"),
  title: text("A short headline."),
  approval_title: alias(text(""), "title"),
  summaryPath: ref("path", "What people are shown to decide by."),
  summary_path: ref("path", "Another spelling of `summaryPath`."),
  approvers: ref("approvers", "Who may decide; without it anyone who may approve here."),
  quorum: {
    anyOf: [
      { type: "integer", minimum: 1 },
      { type: "object", additionalProperties: { type: "integer", minimum: 1 } },
    ],
    description:
      "How many approvals are needed, in all or per approver; default 1. A step fails at once where people named one by one are too few.",
  },
  excludeStarter: STARTER,
  exclude_starter: alias(STARTER, "excludeStarter"),
  excludeAuthor: AUTHOR,
  exclude_author: alias(AUTHOR, "excludeAuthor"),
  rejectQuorum: REJECTIONS,
  reject_quorum: alias(REJECTIONS, "rejectQuorum"),
  veto: ref("approvers", "Who may reject alone, whatever `rejectQuorum` says; they need not be approvers."),
  allowDelegation: DELEGATION,
  allow_delegation: alias(DELEGATION, "allowDelegation"),
  ...seconds(
    "remindBefore",
    "When approvers are reminded, before it times out; default a tenth of the time.",
    {
      minimum: 0,
    },
  ),
  onReject: outcome(["fail", "cancel"], "What a rejection comes to; default `fail`."),
  onTimeout: outcome(["fail", "reject"], "What comes of nobody deciding in time; default `fail`."),
  escalate: { type: "array", items: ref("escalation"), description: "Who else is asked after a while." },
  ...timeout("How long it is open; default a day."),
};

const approvalInput = closed("What people are asked.", {
  ...decision,
  action: action("human.approval"),
  task: action("human.approval"),
});

const approvalKeys = {
  ...decision,
  action: action("human.approval"),
  operation: alias(action("human.approval"), "action"),
  task: action("human.approval"),
  input: approvalInput,
};

const CALLED = {
  workflow: text(
    "A workflow of the same environment: its run does the step, and what it answers is the result.",
  ),
  version: whole("One of its versions; without it the one that is current when the run is started."),
};

const CALL_ATTEMPT = timeout("How long an attempt may take; then its run is cancelled.");

const callInput = closed("Which workflow runs, and with what.", {
  ...CALLED,
  variables: map("The input of the run; texts may hold `{{ … }}`."),
  action: action("workflow.run"),
  task: action("workflow.run"),
  ...CALL_ATTEMPT,
});

const callKeys = {
  ...CALLED,
  action: action("workflow.run"),
  operation: alias(action("workflow.run"), "action"),
  task: action("workflow.run"),
  input: callInput,
  retry,
  ...CALL_ATTEMPT,
};

/** Marks of what an operation does: `action`, `operation`, or `task` as a marker. */
function does(what: Action): JsonObject {
  const marked = (key: string): JsonObject => ({ required: [key], properties: { [key]: { const: what } } });
  return {
    anyOf: [
      ...["action", "operation", "task"].map((key) => marked(key)),
      ...["action", "task"].map((key) => ({ required: ["input"], properties: { input: marked(key) } })),
    ],
  };
}

const names = oneOfKeys("name", "id");

/** One of several spellings must be there, at the state or in its input. */
const somewhere = (...keys: readonly string[]): Schema => ({
  anyOf: [
    ...keys.map((key) => ({ required: [key] })),
    ...keys.map((key) => ({
      required: ["input"],
      properties: { input: { type: "object", required: [key] } },
    })),
  ],
});

/** The schemas of states that agents and people work on. */
export const operationDefs: Readonly<Record<string, Schema>> = {
  agentState: closed(
    "A step that an agent does.",
    { ...base, ...onward, ...agentKeys },
    { allOf: [names, somewhere("agent", "agent_id")] },
  ),
  approvalState: closed(
    "A step that people decide.",
    { ...base, ...onward, ...approvalKeys },
    { allOf: [names, somewhere("message", "prompt")] },
  ),
  callState: closed(
    "A step that a run of another workflow does.",
    { ...base, ...onward, ...callKeys },
    { allOf: [names, somewhere("workflow")] },
  ),
  operationState: {
    ...when(
      does("human.approval"),
      ref("approvalState"),
      when(does("workflow.run"), ref("callState"), ref("agentState")),
    ),
    description: "An operation: an agent's step, an approval, or a run of another workflow.",
  },
  agentBlock: closed(
    "In place of states: one step that an agent does; its result is the block's.",
    { ...base, ...onward, ...agentKeys },
    oneOfKeys("agent", "agent_id"),
  ),
  escalation: closed(
    "Somebody else is asked when nobody has decided.",
    {
      ...seconds("after", "How long after the question."),
      to: ref("approvers", "Who is asked then."),
      notify: {
        description:
          "A note of your own for whatever receives notifications: it stands in the event and in what webhooks get. It chooses no channel: who is told how is said by subscriptions.",
      },
    },
    { required: ["to"], ...oneOfKeys("afterSeconds", "after_seconds", "after") },
  ),
  approvers: {
    anyOf: [ref("approver"), { type: "array", items: ref("approver"), minItems: 1 }],
    description: "`user:…`, `team:…`, `role:…` or `key:…`.",
  },
  approver: { type: "string", pattern: "^(?:(?:user|team|role|key):\\S|\\$\\.)|\\{\\{|\\$\\{" },
  texts: { anyOf: [text("One."), { type: "array", items: text("One of them.") }] },
};
