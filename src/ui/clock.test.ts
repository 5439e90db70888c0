import { afterEach, beforeEach, expect, it, vi } from "vitest";

beforeEach(() => {
  vi.useFakeTimers({ toFake: ["Date"] });
  vi.stubGlobal("localStorage", { getItem: () => null });
});

afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

it("the time is that of the server, also after hours in which nothing on the page ticked", async () => {
  const { currentTime, setBy } = await import("./clock.ts");
  vi.setSystemTime(Date.parse("2027-03-01T08:00:00Z"));
  setBy("Mon, 01 Mar 2027 09:00:00 GMT");
  vi.setSystemTime(Date.parse("2027-03-01T20:00:00Z"));
  expect(new Date(currentTime()).toISOString()).toBe("2027-03-01T21:00:00.000Z");
});
