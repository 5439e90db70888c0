import type { Clock } from "./ports.ts";

const ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";

/** A prefixed, sortable id: `run_` + ULID (48 bits of time, 80 random). */
export function newId(prefix: string, clock: Clock): string {
  let time = clock.now();
  let head = "";
  for (let i = 0; i < 10; i++) {
    head = ALPHABET[time % 32] + head;
    time = Math.floor(time / 32);
  }
  let tail = "";
  for (let i = 0; i < 16; i++) tail += ALPHABET[Math.floor(clock.random() * 32)];
  return `${prefix}_${head}${tail}`;
}
