import { lazy, Suspense, useEffect } from "react";
import { useKeys } from "../keys.ts";
import { togglePalette, usePaletteAsked } from "./open-palette.ts";

const load = () => import("./palette.tsx");
const Palette = lazy(() => load().then((module) => ({ default: module.Palette })));

/** Where the palette appears. It is fetched when the page has nothing else to do, so that it opens at once. */
export function PaletteHost() {
  const asked = usePaletteAsked();
  useKeys({ "app.palette": togglePalette });
  useEffect(() => {
    // Without the network it is fetched when it is asked for.
    const timer = setTimeout(() => void load().catch(() => {}), 2000);
    return () => clearTimeout(timer);
  }, []);
  return (
    asked && (
      <Suspense>
        <Palette asked={asked} />
      </Suspense>
    )
  );
}
