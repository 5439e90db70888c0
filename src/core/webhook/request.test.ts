import { expect, it } from "vitest";
import type { Hook, Scheme } from "./hook.ts";
import { contentOf, contextOf, eventIdOf, isCredential, requestOf } from "./request.ts";

const GITHUB: Scheme = { type: "github" };
const STANDARD: Scheme = { type: "standard-webhooks" };
const hook: Pick<Hook, "scheme" | "headers" | "identity" | "name"> = {
  name: "h",
  scheme: GITHUB,
  headers: ["x-trace", "x-absent"],
  identity: { by: "header", header: "x-event-id" },
};
const headers: Readonly<Record<string, string>> = {
  "content-type": "Application/JSON; charset=utf-8",
  "user-agent": "GitHub-Hookshot/1",
  "x-github-event": "push",
  "x-hub-signature-256": "sha256=00",
  authorization: "Bearer x",
  cookie: "a=b",
  "x-trace": "t",
  "x-event-id": "e",
  "x-other": "o",
};
const request = requestOf(
  hook,
  (name) => headers[name] ?? null,
  [
    ["env", "prod"],
    ["tag", "a"],
    ["tag", "b"],
    ["token", "secret"],
    ["__proto__", "p"],
  ],
  "{}",
);

it("a hook sees the headers that it names, its scheme's own, and no credentials", () => {
  expect(request.headers).toEqual({
    "user-agent": "GitHub-Hookshot/1",
    "x-github-event": "push",
    "x-event-id": "e",
    "x-trace": "t",
  });
  expect(request.contentType).toBe("application/json");
  expect(Object.entries(request.query)).toEqual([
    ["env", "prod"],
    ["tag", ["a", "b"]],
    ["__proto__", "p"],
  ]);
});

it("names that sound like credentials are ones", () => {
  const credentials = "Authorization cookie X-Api-Key apikey access_token x-hub-signature password sig auth";
  for (const name of credentials.split(" ")) expect(isCredential(name), name).toBe(true);
  for (const name of ["author", "x-github-event", "keyboard", "signed-off-by", "webhook-id"])
    expect(isCredential(name), name).toBe(false);
});

it("two ids of many digits stay two, whole numbers that can be kept stay numbers", () => {
  const text =
    '{"id":1234567890123456789,"next":[-1234567890123456790],"n":9007199254740991,"f":1e20,"g":0.1234567890123456}';
  const read = contentOf(STANDARD, { headers: {}, query: {}, contentType: "application/json", text });
  expect(read).toEqual({
    ok: true,
    value: {
      id: "1234567890123456789",
      next: ["-1234567890123456790"],
      n: 9_007_199_254_740_991,
      f: 1e20,
      g: 0.1234567890123456,
    },
  });
});

it("a body is JSON, a form, or GitHub's form with JSON in it", () => {
  const read = (scheme: Scheme, contentType: string, text: string) =>
    contentOf(scheme, { ...request, contentType, text });
  const form = "application/x-www-form-urlencoded";
  expect(read(GITHUB, "application/vnd.api+json", "[1]")).toEqual({ ok: true, value: [1] });
  expect(read(STANDARD, form, "a=1&a=2&b=x+y&token=t")).toEqual({
    ok: true,
    value: { a: ["1", "2"], b: "x y", token: "t" },
  });
  expect(read(GITHUB, form, "payload=%7B%22a%22%3A1%7D")).toEqual({ ok: true, value: { a: 1 } });
  expect(read(GITHUB, "application/json", '\ufeff{"a":1}')).toEqual({ ok: true, value: { a: 1 } });
  expect(read(GITHUB, form, "a=1")).toMatchObject({ ok: false, why: "syntax" });
  expect(read(GITHUB, "application/json", "{")).toMatchObject({ ok: false, why: "syntax" });
  const nested = (levels: number) => "[".repeat(levels) + "]".repeat(levels);
  expect(read(GITHUB, "application/json", nested(200))).toMatchObject({ ok: true });
  expect(read(GITHUB, "application/json", nested(100_000))).toMatchObject({ ok: false, why: "syntax" });
  expect(read(GITHUB, "", "{}")).toMatchObject({ ok: false, why: "type" });
  expect(read(GITHUB, "text/plain", "{}")).toMatchObject({ ok: false, why: "type" });
});

it("templates read body, headers, query and the event itself", () => {
  const seen = { id: "e", receivedAt: 0 };
  expect(contextOf(hook, request, { type: "b" }, seen)).toEqual({
    body: { type: "b" },
    headers: request.headers,
    query: request.query,
    event: { id: "e", type: "push", hook: "h", receivedAt: "1970-01-01T00:00:00.000Z" },
  });
  const type = (scheme: Scheme, body: object) =>
    (contextOf({ ...hook, scheme }, request, body as never, seen)["event"] as { type: unknown }).type;
  expect([type(STANDARD, { type: "a.b" }), type(STANDARD, { type: 1 }), type(STANDARD, [])]).toEqual([
    "a.b",
    null,
    null,
  ]);
});

it("a long id is shortened, and stays another's", () => {
  expect(eventIdOf("msg_1")).toBe("msg_1");
  const [a, b] = ["a", "b"].map((end) => eventIdOf("x".repeat(300) + end));
  expect(a).toMatch(/^sha256:[0-9a-f]{64}$/);
  expect(a).not.toBe(b);
});
