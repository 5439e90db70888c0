import "./tokens.css";
import "every-stylesheet";
import { QueryClientProvider } from "@tanstack/react-query";
import { RouterProvider } from "@tanstack/react-router";
import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { queryClient } from "./api.ts";
import { listenForKeys } from "./keys.ts";
import { router } from "./router.ts";

const root = document.getElementById("root");
if (!root) throw new Error("the page has no place for the app");
listenForKeys();
createRoot(root).render(
  <StrictMode>
    <QueryClientProvider client={queryClient}>
      <RouterProvider router={router} />
    </QueryClientProvider>
  </StrictMode>,
);
