const namesShown = 20;
const shortestCorrected = 3; // characters

/** Completes the message about an undefined name with the closest name and those that exist. */
export function explainName(message: string, names: readonly string[]): string {
  const wanted = message.slice(message.lastIndexOf(" ") + 1);
  const closest = nearest(wanted, names);
  const hint = closest === undefined ? "" : ` (did you mean ${closest}?)`;
  if (names.length === 0) return `${message}${hint}; there are no names in scope`;
  const more = names.length > namesShown ? `, and ${names.length - namesShown} more` : "";
  return `${message}${hint}; names in scope: ${names.slice(0, namesShown).join(", ")}${more}`;
}

function nearest(wanted: string, names: readonly string[]): string | undefined {
  let best: string | undefined;
  if (wanted.length < shortestCorrected) return undefined;
  let bestDistance = Math.floor(wanted.length / 3) + 1;
  for (const name of names) {
    if (Math.abs(name.length - wanted.length) >= bestDistance) continue;
    const distance = editDistance(wanted.toLowerCase(), name.toLowerCase());
    if (distance < bestDistance) [best, bestDistance] = [name, distance];
  }
  return best;
}

/** Insertions, deletions, replacements and swaps of neighbours. */
function editDistance(a: string, b: string): number {
  let beforeLast: number[] = [];
  let last = Array.from({ length: b.length + 1 }, (_, j) => j);
  const at = (row: readonly number[], j: number) => row[j] ?? Number.POSITIVE_INFINITY;
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const replaced = at(last, j - 1) + (a[i - 1] === b[j - 1] ? 0 : 1);
      const swapped = a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1] ? at(beforeLast, j - 2) + 1 : replaced;
      row.push(Math.min(replaced, swapped, at(last, j) + 1, at(row, j - 1) + 1));
    }
    [beforeLast, last] = [last, row];
  }
  return at(last, b.length);
}
