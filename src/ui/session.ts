import { setBy } from "./clock.ts";

/** The key that somebody came in with: for this tab, as long as it is open. Nobody else's page can read it. */
const STORED = "api-key";

let onAnswer: (isKnown: boolean) => void = () => {};

/** Calls `listener` with every answer: whether the server knew who this is, or asks. */
export function whenAnswered(listener: (isKnown: boolean) => void): void {
  onAnswer = listener;
}

/** True when a key is shown with every request. */
export function hasKey(): boolean {
  return sessionStorage.getItem(STORED) !== null;
}

/** Shows a key with every request from here on. */
export function showKey(key: string): void {
  sessionStorage.setItem(STORED, key);
}

export function forgetKey(): void {
  sessionStorage.removeItem(STORED);
}

/** `fetch` as whoever this is: with the key, if there is one, and beside it the session's cookie. */
export async function fetchAsMe(request: Request, init?: RequestInit): Promise<Response> {
  const key = sessionStorage.getItem(STORED);
  if (key !== null) request.headers.set("authorization", `Bearer ${key}`);
  const response = await fetch(request, init);
  setBy(response.headers.get("date"));
  if (response.ok || response.status === 401) onAnswer(response.ok);
  return response;
}
