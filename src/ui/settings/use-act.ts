import { useState } from "react";
import { whyOf } from "../kit/error-panel.tsx";

/** One action at a time, and why the last one failed. */
export function useAct() {
  const [isBusy, setBusy] = useState(false);
  const [failure, setFailure] = useState<string | null>(null);
  const act = async (what: () => Promise<void>) => {
    if (isBusy) return;
    setBusy(true);
    setFailure(null);
    try {
      await what();
    } catch (error) {
      setFailure(whyOf(error));
    } finally {
      setBusy(false);
    }
  };
  return { act, isBusy, failure };
}
