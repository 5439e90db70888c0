import { useCallback, useState } from "react";

const KEPT = "first-steps";

/** Whether this browser has done with the first steps, and how it gets there; for good. */
export function useAreStepsOver(): readonly [boolean, () => void] {
  const [areOver, setOver] = useState(() => localStorage.getItem(KEPT) === "over");
  const end = useCallback(() => {
    localStorage.setItem(KEPT, "over");
    setOver(true);
  }, []);
  return [areOver, end];
}
