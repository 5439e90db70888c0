import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it, onTestFinished } from "vitest";
import { createStore } from "../adapters/libsql/store.ts";
import { createBackups } from "./backups.ts";
import { systemClock } from "./clock.ts";
import { migrate } from "./open-store.ts";
import { migrationsDir } from "./places.ts";
import { configured } from "./process.ts";

/** As in a container whose user is a number only. */
const nameless = () => {
  throw new Error("uv_os_get_passwd returned ENOENT (no such file or directory)");
};

it("a user without a name restores a backup, and is noted by number", async () => {
  const folder = await mkdtemp(join(tmpdir(), "station-backups-"));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  const at = (name: string) => configured({ STATION_DATABASE_URL: `file:${join(folder, name)}` }, "migrate");
  const before = at("before.db");
  await migrate(before.config, before.log);
  await createBackups(() => before).copy(join(folder, "backup.db"));
  await createBackups(() => at("after.db"), nameless).restore(join(folder, "backup.db"));

  const url = `file:${join(folder, "after.db")}`;
  const store = await createStore({ url, migrationsDir, clock: systemClock, log: before.log });
  const noted = await store.adminEvents.list(null, { limit: 10 });
  await store.close();
  expect(noted).toMatchObject([{ action: "backup.restored", actor: `user:${process.getuid?.()}` }]);
});
