import "./tokens.css";
import "every-stylesheet";
import { QueryClientProvider } from "@tanstack/react-query";
import { RouterProvider } from "@tanstack/react-router";
import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { queryClient } from "./api.ts";
import { whenSet } from "./clock.ts";
import { listenForKeys } from "./keys.ts";
import { warmDialogs } from "./kit/dialog.tsx";
import { router } from "./router.ts";
import { whenAnswered } from "./session.ts";
import { setLoggedOut } from "./shell/logged-out.tsx";
import { isWriting, listenForWriting } from "./writing.ts";

const root = document.getElementById("root");
if (!root) throw new Error("the page has no place for the app");
listenForKeys();
whenSet(() => void queryClient.cancelQueries().then(() => queryClient.invalidateQueries()));
listenForWriting();
whenAnswered((isKnown) => {
  // What somebody is writing is not taken from them.
  const stays = !isKnown && isWriting();
  setLoggedOut(stays);
  const { pathname, search } = location;
  if (!isKnown && !stays && pathname !== "/login")
    void router.navigate({ to: "/login", search: { return: pathname + search }, replace: true });
});
createRoot(root).render(
  <StrictMode>
    <QueryClientProvider client={queryClient}>
      <RouterProvider router={router} />
    </QueryClientProvider>
  </StrictMode>,
);
addEventListener("load", () => setTimeout(warmDialogs, 1000), { once: true });
