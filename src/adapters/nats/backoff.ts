/** A pause in milliseconds that doubles from `first` up to `most`, of which a random half is dropped. */
export function backoff(attempt: number, first: number, most: number): number {
  const full = Math.min(most, first * 2 ** Math.min(attempt, 20));
  return full / 2 + (Math.random() * full) / 2;
}
