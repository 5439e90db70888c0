const ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";

/** A ULID: 48 bits of `time` (ms since 1970), then 16 digits, each from a number in [0, 32). */
export function ulid(time: number, digit: (index: number) => number): string {
  let head = "";
  let rest = time;
  for (let i = 0; i < 10; i++) {
    head = ALPHABET[rest % 32] + head;
    rest = Math.floor(rest / 32);
  }
  let tail = "";
  for (let i = 0; i < 16; i++) tail += ALPHABET[digit(i)];
  return head + tail;
}
