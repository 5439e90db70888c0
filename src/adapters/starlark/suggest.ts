const namesShown = 20;

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
  let bestDistance = Math.floor(wanted.length / 3) + 1;
  for (const name of names) {
    if (Math.abs(name.length - wanted.length) >= bestDistance) continue;
    const distance = editDistance(wanted.toLowerCase(), name.toLowerCase());
    if (distance < bestDistance) [best, bestDistance] = [name, distance];
  }
  return best;
}

function editDistance(a: string, b: string): number {
  let previous = Array.from({ length: b.length + 1 }, (_, i) => i);
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const replaced = (previous[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1);
      row.push(Math.min(replaced, (previous[j] ?? 0) + 1, (row[j - 1] ?? 0) + 1));
    }
    previous = row;
  }
  return previous[b.length] ?? 0;
}
