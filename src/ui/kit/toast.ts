/** Says something in a corner for a moment. What draws it is loaded when something is first said. */
export function say(text: string, kind: "plain" | "success" | "error" = "plain"): void {
  import("sonner")
    .then(({ toast }) => (kind === "plain" ? toast(text) : toast[kind](text)))
    // Without the network there is no corner to say it in; what failed shows that itself.
    .catch(() => console.warn(text));
}
