import { open } from "node:fs/promises";

/** Has a file, or the names in a folder, written to the disk. */
export async function flush(path: string): Promise<void> {
  const handle = await open(path);
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
