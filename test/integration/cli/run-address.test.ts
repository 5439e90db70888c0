import { afterAll, beforeAll, expect, it } from "vitest";
import type { CliDeps } from "../../../src/cli/deps.ts";
import { createApp } from "../../../src/http/app.ts";
import { quick } from "../http/definitions.ts";
import { createWorld, type World } from "../http/world.ts";
import { stnFor } from "./stn.ts";

// What a person opens to see a run: its page, which not every server has.

const RUN = ["run", "quick", "-f", "count=1", "--follow"];
const screen = { isTty: true, columns: 160, env: { NO_COLOR: "1" } };
let world: World;

beforeAll(async () => {
  world = await createWorld({ works: true });
  await world.client.createWorkflow({ body: { definition: quick("quick") } });
});
afterAll(() => world.close());

/** The same server with pages that are being built: what they hold does not matter to who asks whether they are there. */
const withPages = () => {
  const ui = { directory: "nowhere", status: () => ({ is: "building" }) as const };
  return createApp(world.ports, { ui });
};

function stn(pages: "on" | "off" | "silent") {
  const app = pages === "on" ? withPages() : world.app;
  const asked: Request[] = [];
  const fetch: CliDeps["fetch"] = (request, init) => {
    if (request.method !== "HEAD") return app.request(request, init);
    asked.push(request);
    if (pages === "silent") throw new TypeError("fetch failed");
    return app.request(request, init);
  };
  return { ...stnFor(world, { fetch }), asked };
}

it.each([
  ["on", /http:\/\/station\/runs\/run_\w+\n/],
  ["off", /http:\/\/station\/api\/v1\/workflow-runs\/run_\w+\n/],
  ["silent", /http:\/\/station\/runs\/run_\w+\n/],
] as const)(
  "a run that is followed or shown has the address that people can open: pages %s",
  async (pages, address) => {
    const { run, call, asked } = stn(pages);
    const { terminal, done } = call(RUN, screen);
    expect((await done).code).toBe(0);
    expect(terminal.screen("stderr")).toMatch(address);
    expect((await run(["runs", "show", "@last"], screen)).out).toMatch(address);
    expect(asked.map(({ headers }) => headers.get("authorization"))).toEqual([null, null]);
  },
);

it("nobody is asked for an address that is not shown", async () => {
  const { run, asked } = stn("on");
  for (const options of [[], ["--json"]]) expect((await run([...RUN, ...options])).code).toBe(0);
  await run(["runs", "show", "@last", "--json"], screen);
  expect(asked).toEqual([]);
});
