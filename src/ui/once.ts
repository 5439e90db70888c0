import { useRef } from "react";

/**
 * Idempotency keys: the same for the same request, so that what is sent again because no answer came is done once.
 * After `done` the same request is another one.
 */
export function useOnce() {
  const last = useRef<{ readonly what: string; readonly key: string } | null>(null);
  return {
    keyFor(request: unknown): string {
      const what = JSON.stringify(request);
      if (last.current?.what !== what) last.current = { what, key: crypto.randomUUID() };
      return last.current.key;
    },
    done(): void {
      last.current = null;
    },
  };
}
