import { Link, Outlet, useMatchRoute, useNavigate, useRouter } from "@tanstack/react-router";
import { Ellipsis, Keyboard, Moon, Search } from "lucide-react";
import { lazy, Suspense, useState } from "react";
import { useIsToldOnDesktop } from "../approvals/desktop.ts";
import { nextTimeFormat } from "../clock.ts";
import { keyOf, useKeys } from "../keys.ts";
import { IconButton } from "../kit/button.tsx";
import { Menu } from "../kit/menu.tsx";
import { say } from "../kit/toast.ts";
import { togglePalette } from "../palette/open-palette.ts";
import { PaletteHost } from "../palette/palette-host.tsx";
import { StartHost } from "../workflows/start/start-host.tsx";
import { ConnectionLine } from "./connection-line.tsx";
import { EnvironmentSwitch, environmentItems, useEnvironment } from "./environment.tsx";
import { LoggedOutNote } from "./logged-out.tsx";
import { PLACES, type Place } from "./navigation.ts";
import { useCounts } from "./notices.ts";
import s from "./shell.module.css";
import { currentTheme, switchTheme } from "./theme.ts";
import { useAccountItems, Who } from "./who.tsx";

const KeySheet = lazy(() => import("./key-sheet.tsx").then((module) => ({ default: module.KeySheet })));
const DesktopNotices = lazy(() =>
  import("../approvals/desktop-notices.tsx").then((module) => ({ default: module.DesktopNotices })),
);
const Toaster = lazy(loadToaster);

/** Nobody asked for it: while it cannot be had, the page does without. */
async function loadToaster(): Promise<{ readonly default: typeof import("sonner").Toaster }> {
  try {
    return { default: (await import("sonner")).Toaster };
  } catch {
    await new Promise((resolve) => setTimeout(resolve, 5000));
    return loadToaster();
  }
}

/** What is around every page: where one can go, how the connection is, and the keys that work everywhere. */
export function Shell() {
  const navigate = useNavigate();
  const router = useRouter();
  // On a phone one question has the whole page.
  const isAlone = useMatchRoute()({ to: "/approvals/$approvalId" }) !== false;
  const [isHelpOpen, setHelpOpen] = useState(false);
  const [theme, setTheme] = useState(currentTheme);
  const counts = useCounts();
  const account = useAccountItems();
  const environment = useEnvironment();
  const isToldOnDesktop = useIsToldOnDesktop();
  const turn = () => {
    switchTheme();
    setTheme(currentTheme());
  };
  const places = Object.fromEntries(
    PLACES.map((place) => [place.key, () => void navigate(environment.within(place))]),
  );
  useKeys({
    ...places,
    "app.help": () => setHelpOpen(true),
    "app.theme": turn,
    "app.time": () =>
      say(`Times are ${{ relative: "relative", local: "local", utc: "in UTC" }[nextTimeFormat()]}`),
    "app.filter": () => document.querySelector<HTMLElement>("[data-filter]")?.focus(),
    "app.back": () => router.history.back(),
  });
  const countOf = ({ count }: Place) => (count === undefined ? 0 : (counts[count] ?? 0));
  return (
    <>
      <StartHost />
      <PaletteHost />
      <div className={s.app} data-alone={isAlone || undefined}>
        <a className={s.skip} href="#main">
          Skip to content
        </a>
        <nav className={s.sidebar} aria-label="Main">
          <Link to="/" className={s.brand}>
            <span className={s.logo} aria-hidden />
            Station
          </Link>
          <button type="button" className={s.search} onClick={togglePalette}>
            <Search size={15} aria-hidden />
            Search…
            <kbd>{keyOf("app.palette")}</kbd>
          </button>
          <div className={s.places}>
            {PLACES.map((place) => (
              <Link
                key={place.label}
                {...environment.within(place)}
                activeOptions={{ exact: place.link.to === "/" }}
                className={s.place}
                data-phone={place.onPhone || undefined}
                title={keyOf(place.key)}
              >
                <place.icon size={15} aria-hidden />
                <span>{place.label}</span>
                {countOf(place) > 0 && (
                  <span className={s.count} data-tone={place.count === "approvals" ? "person" : "quiet"}>
                    {countOf(place)}
                  </span>
                )}
              </Link>
            ))}
            <Menu
              items={[
                ...PLACES.filter(({ onPhone }) => !onPhone).map((place) => ({
                  label: place.label,
                  icon: place.icon,
                  onSelect: () => void navigate(environment.within(place)),
                })),
                { label: "Search…", icon: Search, onSelect: togglePalette },
                { label: "Light or dark", icon: Moon, onSelect: turn },
                ...environmentItems(environment),
                "separator",
                ...account,
              ]}
            >
              <button type="button" className={s.more}>
                <Ellipsis size={15} aria-hidden />
                More
              </button>
            </Menu>
          </div>
          <EnvironmentSwitch {...environment} />
          <Who />
          <div className={s.foot}>
            <ConnectionLine />
            <span className={s.footButtons}>
              <IconButton
                icon={Keyboard}
                label="Keys"
                shortcut={keyOf("app.help")}
                onClick={() => setHelpOpen(true)}
              />
              <IconButton icon={Moon} label="Light or dark" shortcut={keyOf("app.theme")} onClick={turn} />
            </span>
          </div>
        </nav>
        <main className={s.main} id="main">
          <LoggedOutNote />
          <Outlet />
        </main>
      </div>
      {isHelpOpen && (
        <Suspense>
          <KeySheet onClose={() => setHelpOpen(false)} />
        </Suspense>
      )}
      {isToldOnDesktop && (
        <Suspense>
          <DesktopNotices />
        </Suspense>
      )}
      <Suspense>
        <Toaster
          position="bottom-right"
          theme={theme}
          toastOptions={{
            style: {
              font: "var(--t-13)",
              background: "var(--raised)",
              color: "var(--fg)",
              borderColor: "var(--line)",
            },
          }}
        />
      </Suspense>
    </>
  );
}
