import type { Answer, Errand } from "./isolate.ts";

// The other end of isolate.ts. A parent that is gone takes its children with it.
process.once("disconnect", () => process.exit(1));
process.once("message", (errand: Errand) => {
  run(errand).then(answer, (error: unknown) =>
    answer({ ok: false, error: error instanceof Error ? (error.stack ?? error.message) : String(error) }),
  );
});

async function run({ module, options }: Errand): Promise<Answer> {
  const { measure } = (await import(module)) as { measure(options: unknown): Promise<unknown> };
  return { ok: true, result: await measure(options) };
}

function answer(message: Answer): void {
  process.send?.(message);
}
