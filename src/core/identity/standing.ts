import type { Principal } from "./principal.ts";

/** Who somebody is by now, of whom only the name is at hand. */
export type Standing = {
  /** What is certain of them: without teams and roles where those are not. `null`: nobody any more. */
  readonly principal: Principal | null;
  /** Why that is not all they were; `null` where it is. */
  readonly because: string | null;
};
