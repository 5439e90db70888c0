import type { Shape, Variant } from "./shape.ts";

const sizes = new WeakMap<Variant, number>();

/** `shape`, or nothing known when it is larger than `limit`: what is written into itself grows without end. */
export function bounded(shape: Shape, limit: number): Shape {
  return sizeOf(shape) > limit ? "unknown" : shape;
}

/** How many values a shape tells of, each as often as it is mentioned. */
function sizeOf(shape: Shape): number {
  return shape === "unknown" ? 1 : shape.reduce((sum, variant) => sum + sizeOfVariant(variant), 0);
}

function sizeOfVariant(variant: Variant): number {
  if (variant.type !== "object" && variant.type !== "array") return 1;
  const known = sizes.get(variant);
  if (known !== undefined) return known;
  const below =
    variant.type === "object"
      ? [...[...variant.properties.values()].map(({ shape }) => shape), variant.additional]
      : [...variant.first, variant.rest ?? []];
  const size = below.reduce((sum, shape) => sum + sizeOf(shape), 1);
  sizes.set(variant, size);
  return size;
}
