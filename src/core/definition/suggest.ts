/** Beyond these the search would cost more than the hint is worth. */
const MAX_CANDIDATES = 1000;
const MAX_LENGTH = 64;

/** The candidate a misspelled word was most likely meant to be; `null` when none is near. */
export function closest(word: string, candidates: Iterable<string>): string | null {
  const wanted = plain(word);
  if (wanted.length > MAX_LENGTH) return null;
  let best: string | null = null;
  let looked = 0;
  let bestDistance = Math.max(1, Math.floor(wanted.length / 3)) + 1;
  for (const candidate of candidates) {
    if (++looked > MAX_CANDIDATES) break;
    if (candidate === word) continue;
    const distance = editDistance(wanted, plain(candidate));
    if (distance < bestDistance) [best, bestDistance] = [candidate, distance];
  }
  return best;
}

/** `did you mean "x"?` for a hint. */
export function didYouMean(word: string, candidates: Iterable<string>): string | undefined {
  const best = closest(word, candidates);
  return best === null ? undefined : `did you mean "${best}"?`;
}

/** Case and separators are how people spell the same word differently. */
function plain(word: string): string {
  return word.toLowerCase().replace(/[_.\s-]/g, "");
}

/** Edits that turn `a` into `b`; swapping two neighbours counts as one (optimal string alignment). */
function editDistance(a: string, b: string): number {
  if (Math.abs(a.length - b.length) > 8) return 9;
  let beforeLast: number[] = [];
  let last = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const same = a[i - 1] === b[j - 1] ? 0 : 1;
      let cost = Math.min((last[j] ?? 0) + 1, (row[j - 1] ?? 0) + 1, (last[j - 1] ?? 0) + same);
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1])
        cost = Math.min(cost, (beforeLast[j - 2] ?? 0) + 1);
      row.push(cost);
    }
    [beforeLast, last] = [last, row];
  }
  return last[b.length] ?? 9;
}
