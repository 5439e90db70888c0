import { lazy, Suspense } from "react";
import { useKeys } from "../../keys.ts";
import { useNamedEnvironment } from "../../shell/environment.tsx";
import { openStart, useStartAsked } from "./open-start.ts";

const StartDialog = lazy(() =>
  import("./start-dialog.tsx").then((module) => ({ default: module.StartDialog })),
);

/** Where the start dialog appears; it is loaded when it is first asked for. Stands before the page, whose key goes first. */
export function StartHost() {
  const asked = useStartAsked();
  const environment = useNamedEnvironment();
  useKeys({ "workflow.run": () => openStart({ environment }) });
  return (
    asked && (
      <Suspense>
        <StartDialog asked={asked} />
      </Suspense>
    )
  );
}
