import { setImmediate as nextTurn } from "node:timers/promises";
import { type Database, select } from "./database.ts";
import { FileDriver } from "./file-driver.ts";

/** Pages of one step. */
const STEP = 128;
/** Free pages are not worth moving others for while there are only so few: new rows take them. */
const SPARE_SHARE = 0.05;

/** Gives what a file does not use back to the file system, a step at a time. A server sees to its own. */
export async function reclaim(db: Database, signal: AbortSignal): Promise<number> {
  if (!(db instanceof FileDriver)) return 0;
  let freed = 0;
  for (;;) {
    const [[free = 0] = []] = await select(db, "pragma freelist_count", []);
    const [[pages = 0] = []] = await select(db, "pragma page_count", []);
    if (signal.aborted || Number(free) < STEP || Number(free) < Number(pages) * SPARE_SHARE) return freed;
    db.exec(`pragma incremental_vacuum(${STEP})`);
    const [[left = 0] = []] = await select(db, "pragma freelist_count", []);
    // A file of an older program that cannot shrink.
    if (Number(left) >= Number(free)) return freed;
    freed += Number(free) - Number(left);
    await nextTurn();
  }
}
