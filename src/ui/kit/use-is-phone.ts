import { useSyncExternalStore } from "react";

/** The width below which pages have one column; the stylesheets say the same. */
const query = matchMedia("(max-width: 900px)");

/** True on a phone, for what a stylesheet cannot change. */
export function useIsPhone(): boolean {
  return useSyncExternalStore(
    (listener) => {
      query.addEventListener("change", listener);
      return () => query.removeEventListener("change", listener);
    },
    () => query.matches,
  );
}
