import { itemsOf, type ObjectVariant, type Shape, type Variant } from "./shape.ts";

const MAX_DEPTH = 3;
const MAX_NAMES = 8;
const MAX_VALUES = 5;

/** What is known of a value, in one line: `{pods: [{name: string}], note?: string, …}`. */
export function sketch(shape: Shape, depth = 0): string {
  if (shape === "unknown") return "anything";
  if (shape.length === 0) return "nothing";
  return [...new Set(shape.map((variant) => sketchVariant(variant, depth)))].join(" or ");
}

function sketchVariant(variant: Variant, depth: number): string {
  switch (variant.type) {
    case "object":
      return depth >= MAX_DEPTH ? "object" : sketchObject(variant, depth);
    case "array":
      return depth >= MAX_DEPTH ? "array" : `[${sketch(itemsOf(variant), depth + 1)}]`;
    case "string":
    case "number":
    case "integer":
    case "boolean":
    case "null": {
      if (!variant.values) return variant.type;
      const shown = variant.values.slice(0, MAX_VALUES).map((value) => JSON.stringify(value));
      return (shown.length < variant.values.length ? [...shown, "…"] : shown).join(" or ");
    }
  }
}

function sketchObject({ properties, rest }: ObjectVariant, depth: number): string {
  if (properties.size === 0 && rest === "any") return "object";
  const shown = [...properties].slice(0, MAX_NAMES).map(([name, { shape, always }]) => {
    const below = sketch(shape, depth + 1);
    return `${name}${always ? "" : "?"}: ${below}`;
  });
  const isMore = rest === "any" || shown.length < properties.size;
  return `{${[...shown, ...(isMore ? ["…"] : [])].join(", ")}}`;
}
