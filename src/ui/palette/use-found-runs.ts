import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { useEffect, useState } from "react";
import { api } from "../api.ts";

/** People type faster than anybody should be asked. */
const PAUSE_MS = 120;

/** The latest runs, or those that the server finds for a text; until it has answered, those of the text before. */
export function useFoundRuns(text: string) {
  const [asked, setAsked] = useState(text);
  useEffect(() => {
    const timer = setTimeout(() => setAsked(text), PAUSE_MS);
    return () => clearTimeout(timer);
  }, [text]);
  const { data, isPlaceholderData } = useQuery({
    queryKey: ["runs", "palette", asked],
    queryFn: () => api.listRuns({ query: { limit: 10, ...(asked !== "" && { q: asked }) } }),
    placeholderData: keepPreviousData,
  });
  return { runs: data?.items ?? [], isFound: asked !== "" && asked === text && !isPlaceholderData };
}
