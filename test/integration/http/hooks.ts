import { createHmac } from "node:crypto";
import { parseSecret, signMessage } from "../../../src/core/webhook/standard-webhooks.ts";
import type { World } from "./world.ts";

/** A workflow that only takes what an alert has. */
export const ALERT = {
  id: "alert",
  inputSchema: {
    type: "object",
    properties: { service: { type: "string" }, severity: { type: "string" } },
    required: ["service"],
    additionalProperties: false,
  },
  start: "a",
  states: [{ name: "a", type: "inject", data: {}, end: true }],
};

/** A run that waits for a word from outside. */
export const WAITING = {
  id: "waiting",
  start: "a",
  states: [{ name: "a", type: "signal", signal: "deployed", end: true }],
};

export type Made = { readonly hookId: string; readonly path: string; readonly secret: string };

let made = 0;

/** Makes a hook that starts `alert`, unless it says otherwise. */
export async function makeHook(world: World, more: Record<string, unknown> = {}): Promise<Made> {
  const body = {
    name: `hook-${++made}`,
    scheme: { type: "github" },
    target: {
      type: "start-run",
      workflowId: "alert",
      input: { service: "{{ body.service }}", severity: "{{ body.get('severity', 'low') }}" },
    },
    ...more,
  };
  const response = await world.post("/api/v1/hooks", body);
  const text = await response.text();
  if (response.status !== 201) throw new Error(text);
  return JSON.parse(text) as Made;
}

let deliveries = 0;

/** Headers of a delivery as GitHub makes them. */
export function github(secret: string, body: string, event = "alert"): Record<string, string> {
  return {
    "content-type": "application/json",
    "x-github-event": event,
    "x-github-delivery": `72d3162e-cc78-11e3-81ab-${++deliveries}`,
    "x-hub-signature-256": `sha256=${createHmac("sha256", secret).update(body).digest("hex")}`,
  };
}

/** Headers of a message as Standard Webhooks has them. */
export function standard(
  secret: string,
  body: string,
  { id = `msg_${++deliveries}`, at = Date.now() } = {},
): Record<string, string> {
  const key = parseSecret(secret);
  if (!key) throw new Error(`"${secret}" is no secret`);
  const timestamp = Math.floor(at / 1000);
  return { "content-type": "application/json", ...signMessage([key], { id, timestamp, body }) };
}

/** Sends an event as its sender would: without credentials of Station. */
export async function deliver(
  world: World,
  path: string,
  body: string | Uint8Array<ArrayBuffer>,
  headers: Record<string, string>,
) {
  const response = await world.request("POST", path, { body, headers });
  return { status: response.status, headers: response.headers, body: await bodyOf(response) };
}

async function bodyOf(response: Response): Promise<Record<string, unknown>> {
  return (await response.json()) as Record<string, unknown>;
}
