import type { Layout } from "./layout.ts";

const memory = new Map<string, Layout>();

/** A layout that was computed before, in this visit or an earlier one. */
export async function readLayout(key: string): Promise<Layout | null> {
  const known = memory.get(key);
  if (known) return known;
  const found = (await request<Layout | undefined>("readonly", (store) => store.get(key))) ?? null;
  if (found) memory.set(key, found);
  return found;
}

/** Keeps a layout. A browser that keeps nothing (private windows) computes it again. */
export async function writeLayout(key: string, layout: Layout): Promise<void> {
  memory.set(key, layout);
  await request("readwrite", (store) => store.put(layout, key));
}

let opening: Promise<IDBDatabase | null> | null = null;

function database(): Promise<IDBDatabase | null> {
  opening ??= new Promise((resolve) => {
    const opened = indexedDB.open("station-layouts", 1);
    opened.onupgradeneeded = () => opened.result.createObjectStore("layouts");
    opened.onsuccess = () => resolve(opened.result);
    opened.onerror = () => resolve(null);
  });
  return opening;
}

async function request<Value>(
  mode: IDBTransactionMode,
  ask: (store: IDBObjectStore) => IDBRequest<Value>,
): Promise<Value | null> {
  const db = await database();
  if (!db) return null;
  return new Promise((resolve) => {
    const asked = ask(db.transaction("layouts", mode).objectStore("layouts"));
    asked.onsuccess = () => resolve(asked.result);
    asked.onerror = () => resolve(null);
  });
}
