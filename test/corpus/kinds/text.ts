/** Ways to break the text itself; `at` is the line, from 1. */
export const textKinds: Readonly<
  Record<string, (text: string) => readonly { readonly text: string; readonly at: number }[]>
> = {
  "bracket that is never closed": (text) => {
    const lines = text.split("\n");
    const index = lines.findIndex((line) => /[}\]]\s*$/.test(line) && !/^\s*#/.test(line));
    if (index === -1) return [];
    const broken = lines.with(index, (lines[index] ?? "").replace(/[}\]]\s*$/, ""));
    return [{ text: broken.join("\n"), at: index + 1 }];
  },
  "quote that is never closed": (text) => {
    const lines = text.split("\n");
    const index = lines.findIndex((line) => /^\s+\w+: "[^"]*"$/.test(line));
    if (index === -1) return [];
    return [{ text: lines.with(index, (lines[index] ?? "").replace(/"$/, "")).join("\n"), at: index + 1 }];
  },
  "key that stands there twice": (text) => {
    const lines = text.split("\n");
    const index = lines.findIndex((line) => /^id: /.test(line));
    return [{ text: lines.toSpliced(index + 1, 0, "id: another").join("\n"), at: index + 2 }];
  },
  "tab for indentation": (text) => {
    const lines = text.split("\n");
    const index = lines.findIndex((line) => /^ {4}\w+: \w/.test(line));
    if (index === -1) return [];
    return [
      { text: lines.with(index, (lines[index] ?? "").replace(/^ {4}/, "\t\t")).join("\n"), at: index + 1 },
    ];
  },
  "indentation that fits nothing": (text) => {
    const lines = text.split("\n");
    const index = lines.findIndex((line) => /^ {4}\w+: \w/.test(line));
    if (index === -1) return [];
    return [
      { text: lines.with(index, (lines[index] ?? "").replace(/^ {4}/, "   ")).join("\n"), at: index + 1 },
    ];
  },
  "alias of nothing": (text) => {
    const lines = text.split("\n");
    const index = lines.findIndex((line) => /^id: /.test(line));
    return [{ text: lines.toSpliced(index + 1, 0, "labels: *nothing").join("\n"), at: index + 2 }];
  },
};
