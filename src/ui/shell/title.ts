import { useEffect } from "react";

/** The tab's title: `◆ run_01K9… · incident-triage – Station`. */
export function useTitle(title: string): void {
  useEffect(() => {
    document.title = `${title} – Station`;
    return () => {
      document.title = "Station";
    };
  }, [title]);
}
