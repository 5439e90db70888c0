import type { ResolvedServer } from "./resolve-server.ts";
import { type Health, Slot, type SlotOptions } from "./slot.ts";

/** Every server this process talks to, one connection each. */
export type Pool = {
  /** The slot of a server, whether or not it is connected. */
  slot(server: ResolvedServer): Slot;
  /** How a server is; `null` when nobody has asked for it yet. */
  health(server: ResolvedServer): Health | null;
  /** Lets go of an environment's servers that are not among these any more. */
  retain(environment: string, keys: ReadonlySet<string>): void;
  /** Ends every connection and every process. Nothing can be asked for afterwards. */
  close(): Promise<void>;
};

const DEFAULTS = { idleMs: 300_000, pauseMs: 1000, maxPauseMs: 60_000 };

/** Keeps connections by what the server is: another command, variable or header is another server. */
export function createPool(
  options: Pick<SlotOptions, "clock" | "log" | "version"> & Partial<SlotOptions>,
): Pool {
  const slots = new Map<string, Slot>();
  let retired: Slot[] = [];
  let isClosed = false;
  const keyOf = ({ environment, key }: ResolvedServer) => `${environment} ${key}`;
  return {
    slot(server) {
      const key = keyOf(server);
      const known = slots.get(key);
      if (known) return known;
      const slot = new Slot(server, { ...DEFAULTS, ...options });
      slots.set(key, slot);
      if (isClosed) void slot.close();
      return slot;
    },
    health: (server) => slots.get(keyOf(server))?.health() ?? null,
    retain(environment, keys) {
      for (const [key, slot] of slots) {
        if (slot.server.environment !== environment || keys.has(slot.server.key)) continue;
        slots.delete(key);
        retired.push(slot);
        slot.retire();
      }
      retired = retired.filter((slot) => !slot.isClosed);
    },
    async close() {
      isClosed = true;
      await Promise.all([...slots.values(), ...retired].map((slot) => slot.close()));
    },
  };
}
