import type { By } from "../../core/identity/channel.ts";
import { type HmacScheme, type Hook, type Scheme, usualIdentity } from "../../core/webhook/hook.ts";
import { redeliver, tryHook } from "../../engine/webhook/again.ts";
import { faultsOfHook, faultsOfSecret } from "../../engine/webhook/check-hook.ts";
import {
  changeHook,
  createHook,
  type HookIssued,
  removeHook,
  rotateHook,
} from "../../engine/webhook/hooks.ts";
import { KEPT } from "../../engine/webhook/receive.ts";
import type { Given, Routes } from "../contract.ts";
import { decodeCursor, linkTo, pageOf } from "../cursor.ts";
import type { Handlers } from "../handler.ts";
import { deliveryJson, deliveryRow, hookJson, trialJson } from "../json/hooks.ts";
import type { HttpPorts } from "../ports.ts";
import { HttpProblem, notFound } from "../problems.ts";
import { DEFAULT_ENVIRONMENT } from "../schemas/common.ts";
import type { Fault } from "../schemas/problem.ts";

type Names =
  | "listHooks"
  | "createHook"
  | "getHook"
  | "changeHook"
  | "deleteHook"
  | "rotateHook"
  | "enableHook"
  | "disableHook"
  | "testHook"
  | "listHookDeliveries"
  | "getHookDelivery"
  | "redeliverHook";

/** No cache on the way may keep what is shown once. */
const SECRET = { "cache-control": "no-store" };

/** Hooks and what they received, for those who look after them. */
export function hookHandlers(ports: HttpPorts): Handlers<Names> {
  const { hooks } = ports.store;
  const json = (hook: Hook) => hookJson(hook, ports.clock.now());
  const mustFind = async (hookId: string) => {
    const hook = await hooks.find(hookId);
    if (!hook) throw notFound(`hook ${hookId}`);
    return hook;
  };
  const switched = async (hookId: string, enabled: boolean, by: By) => {
    const hook = await changeHook(ports, hookId, { enabled }, by);
    if (!hook) throw notFound(`hook ${hookId}`);
    return { body: json(hook) };
  };

  return {
    async listHooks({ environments }) {
      return { body: { items: (await hooks.list(environments)).map(json), nextCursor: null } };
    },

    async createHook({ body, by }) {
      const { environment = DEFAULT_ENVIRONMENT, name, secret } = body;
      const scheme = schemeOf(body.scheme);
      const wanted = { environment, name, scheme, ...rulesOf(scheme, body) };
      refuseFaults(await faultsOfHook(ports, wanted, secret));
      const issued = await createHook(ports, { ...wanted, ...(secret !== undefined && { secret }) }, by);
      const hint = "rotate it for a new secret, change it, or take another name";
      return shownOnce(
        issued,
        () => new HttpProblem("hook-exists", `environment "${environment}" has a hook "${name}"; ${hint}`),
        json,
      );
    },

    async getHook({ params: { hookId } }) {
      return { body: json(await mustFind(hookId)) };
    },

    async changeHook({ params: { hookId }, body, by }) {
      const before = await mustFind(hookId);
      const change = rulesOf(before.scheme, body);
      refuseFaults(await faultsOfHook(ports, { ...before, ...change }, undefined));
      const hook = await changeHook(ports, hookId, change, by);
      if (!hook) throw notFound(`hook ${hookId}`);
      return { body: json(hook) };
    },

    async deleteHook({ params: { hookId }, by }) {
      if (!(await removeHook(ports, hookId, by))) throw notFound(`hook ${hookId}`);
      return { body: null };
    },

    async rotateHook({ params: { hookId }, body: { secret, graceSeconds }, by }) {
      const hook = await mustFind(hookId);
      if (secret !== undefined) refuseFaults(faultsOfSecret(hook, secret));
      const asked = { graceMs: graceSeconds * 1000, ...(secret !== undefined && { secret }) };
      return shownOnce(await rotateHook(ports, hookId, asked, by), () => notFound(`hook ${hookId}`), json);
    },

    enableHook: ({ params: { hookId }, by }) => switched(hookId, true, by),
    disableHook: ({ params: { hookId }, by }) => switched(hookId, false, by),

    async testHook({ params: { hookId }, body: { body, headers = {}, query = {} } }) {
      const hook = await mustFind(hookId);
      const named = Object.fromEntries(
        Object.entries(headers).map(([name, one]) => [name.toLowerCase(), one]),
      );
      return { body: trialJson(hook, await tryHook(ports, hook, { headers: named, query }, body)) };
    },

    async listHookDeliveries({ params: { hookId }, query: { limit, cursor }, url }) {
      await mustFind(hookId);
      const filter = { list: "hook-deliveries", hookId };
      const before = cursor === undefined ? {} : { before: decodeCursor(cursor, filter).id };
      const now = ports.clock.now();
      const rows = await hooks.deliveries.list(hookId, { limit: limit + 1, since: now - KEPT.ms, ...before });
      const position = ({ id }: { readonly id: string }) => ({ at: 0, id });
      const body = pageOf(rows, limit, filter, position, (row) => deliveryRow(row, now));
      return { body, headers: linkTo(url, body.nextCursor) };
    },

    async getHookDelivery({ params: { hookId, deliveryId } }) {
      const delivery = await hooks.deliveries.find(hookId, deliveryId);
      if (!delivery) throw notFound(`delivery ${deliveryId} of hook ${hookId}`);
      return { body: deliveryJson(delivery, ports.clock.now()) };
    },

    async redeliverHook({ params: { hookId, deliveryId }, by }) {
      const hook = await mustFind(hookId);
      const done = await redeliver(ports, hook, deliveryId, by);
      switch (done.status) {
        case "unknown":
          throw notFound(`delivery ${deliveryId} of hook ${hookId}`);
        case "not-kept":
          throw new HttpProblem(
            "delivery-not-kept",
            `the body of delivery ${deliveryId} was too long to be kept, or its run was purged; have it sent again`,
          );
        case "settled":
          return { body: deliveryJson(done.delivery, ports.clock.now()) };
      }
    },
  };
}

type SchemeJson = Given<Routes["createHook"], "body">["scheme"];

function schemeOf(said: SchemeJson): Scheme {
  if (said.type !== "hmac") return said;
  const { header, algorithm = "sha256", encoding = "hex", prefix = "", timestampHeader = null } = said;
  const usual = timestampHeader === null ? "{body}" : "{timestamp}.{body}";
  const scheme: HmacScheme = {
    type: "hmac",
    header: header.toLowerCase(),
    algorithm,
    encoding,
    prefix,
    timestampHeader: timestampHeader?.toLowerCase() ?? null,
    signs: said.signs ?? usual,
  };
  return scheme;
}

function rulesOf(
  scheme: Scheme,
  { target, when = null, identity, headers = [] }: Given<Routes["changeHook"], "body">,
): Pick<Hook, "target" | "when" | "identity" | "headers"> {
  const known = identity ?? usualIdentity(scheme);
  return {
    target: target.type === "start-run" ? { ...target, version: target.version ?? null } : target,
    when,
    identity: known.by === "header" ? { ...known, header: known.header.toLowerCase() } : known,
    headers: [...new Set(headers.map((name) => name.toLowerCase()))],
  };
}

function shownOnce<Json>(
  issued: HookIssued,
  none: () => HttpProblem,
  json: (hook: Hook) => Json,
): { readonly body: Json & { readonly secret: string }; readonly headers: Record<string, string> } {
  switch (issued.status) {
    case "issued":
      return { body: { ...json(issued.hook), secret: issued.secret }, headers: SECRET };
    case "none":
      throw none();
    case "no-vault":
      throw new HttpProblem(
        "secrets-off",
        "a signature is checked with its secret, which must be kept encrypted: set STATION_SECRET_KEYS, or take the scheme bearer",
      );
  }
}

function refuseFaults(faults: readonly Fault[]): void {
  const [first] = faults;
  if (!first) return;
  const more = faults.length > 1 ? ` (and ${faults.length - 1} more)` : "";
  throw new HttpProblem("validation", `${first.pointer}: ${first.message}${more}`, { errors: faults });
}
