/** One line of a comparison: in both lists, only expected (`-`), or only there (`+`). */
export type DiffLine = { readonly sign: " " | "-" | "+"; readonly text: string };

/** How two short lists differ: their longest common part, and what is only in one of them. */
export function listDiff(expected: readonly string[], actual: readonly string[]): readonly DiffLine[] {
  const common = commonLengths(expected, actual);
  const at = (i: number, j: number) => common[i]?.[j] ?? 0;
  const lines: DiffLine[] = [];
  let i = 0;
  let j = 0;
  while (i < expected.length || j < actual.length) {
    const [left = "", right = ""] = [expected[i], actual[j]];
    if (i < expected.length && j < actual.length && left === right) {
      lines.push({ sign: " ", text: left });
      i++;
      j++;
    } else if (i < expected.length && (j === actual.length || at(i + 1, j) >= at(i, j + 1))) {
      lines.push({ sign: "-", text: left });
      i++;
    } else {
      lines.push({ sign: "+", text: right });
      j++;
    }
  }
  return lines;
}

/** The length of the longest common part of what follows each pair of places. */
function commonLengths(a: readonly string[], b: readonly string[]): readonly (readonly number[])[] {
  const lengths = Array.from({ length: a.length + 1 }, () => new Array<number>(b.length + 1).fill(0));
  for (let i = a.length - 1; i >= 0; i--)
    for (let j = b.length - 1; j >= 0; j--) {
      const row = lengths[i] as number[];
      row[j] =
        a[i] === b[j]
          ? (lengths[i + 1]?.[j + 1] ?? 0) + 1
          : Math.max(lengths[i + 1]?.[j] ?? 0, row[j + 1] ?? 0);
    }
  return lengths;
}
