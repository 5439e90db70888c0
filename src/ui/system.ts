import { useQuery } from "@tanstack/react-query";
import { api } from "./api.ts";

/** No notice tells of the installation's health: it is asked for now and then. */
const LOOK_MS = 20_000;

/** What the server says of itself. */
export function useSystem() {
  return useQuery({ queryKey: ["system"], queryFn: () => api.getSystem(), refetchInterval: LOOK_MS });
}

/** Who the server takes the person for. */
export function useMe() {
  return useQuery({ queryKey: ["me"], queryFn: () => api.getMe(), staleTime: 60_000 });
}
