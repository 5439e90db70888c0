import { api, queryClient } from "../api.ts";
import { whyOf } from "../kit/error-panel.tsx";
import { say } from "../kit/toast.ts";

type Switched = { readonly id: string; readonly environment: string; readonly status: "active" | "disabled" };

/** Enables what is disabled and disables what is active, and says so. */
export async function switchWorkflow({ id, environment, status }: Switched): Promise<void> {
  const asked = { params: { id }, query: { environment } };
  try {
    await (status === "active" ? api.disableWorkflow(asked) : api.enableWorkflow(asked));
    await queryClient.invalidateQueries({ queryKey: ["workflows"] });
    say(status === "active" ? `${id} is disabled: no new runs` : `${id} is enabled`, "success");
  } catch (error) {
    say(`${id} stays ${status}: ${whyOf(error)}`, "error");
  }
}
