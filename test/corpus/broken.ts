import { readdirSync, readFileSync } from "node:fs";
import { stringify } from "yaml";
import { readDefinition } from "../../src/adapters/files/definition.ts";
import { isObject } from "../../src/core/json.ts";
import { Chance } from "../simulation/random.ts";
import { data } from "./kinds/data.ts";
import { structure } from "./kinds/structure.ts";
import { textKinds } from "./kinds/text.ts";
import { values } from "./kinds/values.ts";

/** A valid workflow of the corpus with one thing wrong. */
export type Broken = {
  readonly kind: string;
  readonly file: string;
  readonly text: string;
  /** Where it was broken: a pointer, or a line of the text. */
  readonly at: string | number;
};

const folder = new URL("valid/", import.meta.url);

/** Ways to break a workflow, by name. */
export const kinds: readonly string[] = [
  ...Object.keys({ ...structure, ...values, ...data }),
  ...Object.keys(textKinds),
];

/** At most `perKind` different broken workflows of every kind, the same ones for the same seed. */
export function brokenWorkflows(seed: number, perKind: number): readonly Broken[] {
  const chance = new Chance(seed);
  const sources = readdirSync(folder).map((file) => ({
    file,
    text: readFileSync(new URL(file, folder), "utf8"),
  }));
  const all = new Map<string, Broken[]>(kinds.map((kind) => [kind, []]));
  for (const { file, text } of sources) {
    const { value } = readDefinition({ text, format: "yaml", file });
    if (!isObject(value)) throw new Error(`${file} is no workflow`);
    for (const [kind, mutate] of Object.entries({ ...structure, ...values, ...data }))
      for (const { workflow, at } of mutate(value))
        all.get(kind)?.push({ kind, file, text: stringify(workflow), at });
    for (const [kind, mutate] of Object.entries(textKinds))
      all.get(kind)?.push(...mutate(text).map((broken) => ({ kind, file, ...broken })));
  }
  const seen = new Set<string>();
  return [...all.values()].flatMap((ofKind) => {
    const different = ofKind.filter(({ text }) => !seen.has(text) && seen.add(text));
    return sample(chance, different, perKind);
  });
}

function sample(chance: Chance, items: readonly Broken[], count: number): readonly Broken[] {
  const left = [...items];
  const taken: Broken[] = [];
  while (taken.length < count && left.length > 0) taken.push(...left.splice(chance.below(left.length), 1));
  return taken;
}
