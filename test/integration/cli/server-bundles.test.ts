import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { bundleOf, environmentWith, TRIAGE } from "../bundles/scene.ts";
import { createWorld, type World } from "../http/world.ts";
import { stnFor } from "./stn.ts";

let world: World;
let place: Awaited<ReturnType<typeof environmentWith>>;
beforeAll(async () => {
  world = await createWorld();
  place = await environmentWith();
  await writeFile(join(place.directory, "t.zip"), Buffer.from(await bundleOf(TRIAGE), "base64"));
});
afterAll(async () => {
  await world.close();
  await place.remove();
});

it("a bundle is installed on the server after its plan was shown, and is listed with who did it", async () => {
  const stn = stnFor(world, { cwd: place.directory });
  const asked = await stn.run(["bundle", "install", "t.zip", "--server"], { isTty: true, input: "n\n" });
  expect(asked).toMatchObject({ code: 2, out: expect.stringContaining("+ adds      agents/greeter.prompt") });
  const dry = await stn.run(["bundle", "install", "t.zip", "--server", "--dry-run", "--json"]);
  expect(JSON.parse(dry.out)).toMatchObject({ name: "triage", installed: false });
  expect((await stn.run(["bundle", "list", "--server", "-o", "id"])).out).toBe("");
  expect(await stn.run(["bundle", "install", "t.zip", "--server", "--yes"])).toMatchObject({ code: 0 });
  const trail = (await (await world.get("/api/v1/admin-events")).json()) as {
    readonly items: readonly { readonly action: string; readonly channel: string }[];
  };
  expect(trail.items.find(({ action }) => action === "bundle.installed")).toMatchObject({ channel: "cli" });
  const listed = await stn.run(["bundle", "list", "--server", "--json"]);
  expect(JSON.parse(listed.out).items).toMatchObject([{ name: "triage", version: "1.0.0" }]);
  const again = await stn.run(["bundle", "install", "t.zip", "--server"]);
  expect(again).toMatchObject({ code: 0, out: expect.stringContaining("= unchanged agents/greeter.prompt") });
  await writeFile(join(place.directory, "not.zip"), "hello");
  expect(await stn.run(["bundle", "install", "not.zip", "--server"])).toMatchObject({ code: 3 });
});
