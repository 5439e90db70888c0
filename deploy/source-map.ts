import { decode, encode, type SourceMapSegment } from "@jridgewell/sourcemap-codec";

/** The part of a source map that is read and written. */
type SourceMap = {
  readonly sources: readonly string[];
  readonly names: readonly string[];
  readonly mappings: string;
};

/**
 * A source map without the packages, exact to the line, with the names of the functions that are called: the rest is nine
 * tenths of it, and a stack is read for the functions and lines of our own source. What is a package's points nowhere, so
 * that no frame of theirs is taken for one of ours.
 */
export function onlyOurs(text: string, code: string): string {
  const map: SourceMap = JSON.parse(text);
  const sources = map.sources.filter((source) => !source.includes("node_modules/"));
  const places = map.sources.map((source) => sources.indexOf(source));
  const names = new Map<number, number>();
  const written = code.split("\n");
  const lines = decode(map.mappings).map((line, i) => {
    const own: SourceMapSegment[] = [];
    for (const [column, source = -1, originalLine = 0, , name] of line) {
      const place = places[source] ?? -1;
      const last = own.at(-1);
      if (place === -1) {
        if (last?.length !== 1) own.push([column]);
      } else if (name !== undefined && isCalled(written[i] ?? "", column)) {
        if (!names.has(name)) names.set(name, names.size);
        own.push([column, place, originalLine, 0, names.get(name) ?? 0]);
      } else if (last?.[1] !== place || last[2] !== originalLine || last.length === 5)
        own.push([column, place, originalLine, 0]);
    }
    return own;
  });
  const kept = [...names.keys()].map((name) => map.names[name]);
  return JSON.stringify({ version: 3, sources, names: kept, mappings: encode(lines) });
}

function isCalled(line: string, column: number): boolean {
  const identifier = /[\w$]*\(?/y;
  identifier.lastIndex = column;
  return identifier.exec(line)?.[0].endsWith("(") ?? false;
}
