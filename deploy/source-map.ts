import { decode, encode, type SourceMapSegment } from "@jridgewell/sourcemap-codec";

/** The part of a source map that is read and written. */
type SourceMap = {
  readonly sources: readonly string[];
  readonly names: readonly string[];
  readonly mappings: string;
};

/**
 * A source map without the packages: they are three quarters of it, and a stack is read for where it is in our own
 * source. What is theirs points nowhere, so that no frame of theirs is taken for one of ours.
 */
export function onlyOurs(text: string): string {
  const map: SourceMap = JSON.parse(text);
  const sources = map.sources.filter((source) => !source.includes("node_modules/"));
  const places = map.sources.map((source) => sources.indexOf(source));
  const names = new Map<number, number>();
  const lines = decode(map.mappings).map((line) => {
    const own: SourceMapSegment[] = [];
    for (const [column, source = -1, originalLine = 0, originalColumn = 0, name] of line) {
      const place = places[source] ?? -1;
      if (place === -1) {
        if (own.at(-1)?.length !== 1) own.push([column]);
      } else if (name === undefined) own.push([column, place, originalLine, originalColumn]);
      else {
        if (!names.has(name)) names.set(name, names.size);
        own.push([column, place, originalLine, originalColumn, names.get(name) ?? 0]);
      }
    }
    return own;
  });
  const kept = [...names.keys()].map((name) => map.names[name]);
  return JSON.stringify({ version: 3, sources, names: kept, mappings: encode(lines) });
}
