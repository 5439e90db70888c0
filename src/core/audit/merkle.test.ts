import { expect, it } from "vitest";
import { proofsOf, type RunHead, rootBy, rootOf } from "./merkle.ts";

const heads = (count: number): readonly RunHead[] =>
  Array.from({ length: count }, (_, index) => ({
    runId: `run_${String(index).padStart(3, "0")}`,
    seq: index + 1,
    hash: String(index).repeat(64).slice(0, 64),
  }));

it("every head of a tree of any size is proved by its own way to the root, and by no other", () => {
  for (let count = 1; count <= 33; count++) {
    const all = heads(count);
    const root = rootOf(all);
    all.forEach((head, index) => {
      const proof = proofsOf(all)(index);
      expect(rootBy(head, proof)).toBe(root);
      expect(rootBy({ ...head, seq: head.seq + 1 }, proof)).not.toBe(root);
      const other = (index + 1) % count;
      expect(rootBy(head, proofsOf(all)(other)) === root).toBe(other === index);
    });
  }
});

it("a root says which heads it is over, and in which order", () => {
  const all = heads(9);
  const [first, second, ...rest] = all as [RunHead, RunHead, ...RunHead[]];
  const roots = [
    all,
    all.slice(1),
    all.slice(0, -1),
    [second, first, ...rest],
    [...all, ...all.slice(-1)],
    [],
  ];
  expect(new Set(roots.map(rootOf)).size).toBe(roots.length);
});

it("a head that is not there has no proof", () => {
  expect(() => proofsOf(heads(3))(3)).toThrow("there is no head 3 of 3");
});
