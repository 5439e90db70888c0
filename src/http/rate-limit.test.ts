import { expect, it } from "vitest";
import { createRateLimit, rateLimitHeaders } from "./rate-limit.ts";

it("a sixth of a minute's worth may come at once, and is there again after a sixth of a minute", () => {
  const limit = createRateLimit(60);
  const taken = Array.from({ length: 12 }, () => limit.take("key:a", 0).allowed);
  expect(taken).toEqual([...Array(10).fill(true), false, false]);
  expect(limit.take("key:a", 999).allowed).toBe(false);
  expect(limit.take("key:a", 1000)).toEqual({ allowed: true, limit: 10, remaining: 0, resetSeconds: 1 });
  expect(Array.from({ length: 11 }, () => limit.take("key:a", 60_000).allowed).filter(Boolean)).toHaveLength(
    10,
  );
});

it("over a minute nobody gets more than a minute's worth and what was saved before", () => {
  const limit = createRateLimit(60);
  let got = 0;
  for (let now = 0; now < 60_000; now += 100) if (limit.take("key:a", now).allowed) got++;
  expect(got).toBeGreaterThanOrEqual(60);
  expect(got).toBeLessThanOrEqual(70);
});

it("one caller's haste is not another's, and a clock that goes back gives nothing away", () => {
  const limit = createRateLimit(6);
  expect(limit.take("key:a", 50_000).allowed).toBe(true);
  expect(limit.take("key:a", 0).allowed).toBe(false);
  expect(limit.take("key:b", 0).allowed).toBe(true);
});

it("says how many are left and when there are more", () => {
  const limit = createRateLimit(600);
  expect(rateLimitHeaders(limit.take("key:a", 0), 600)).toEqual({
    "ratelimit-policy": '"burst";q=100;w=10, "minute";q=600;w=60',
    ratelimit: '"burst";r=99;t=1',
  });
});
