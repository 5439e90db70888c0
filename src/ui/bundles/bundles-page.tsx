import { useQuery } from "@tanstack/react-query";
import { useSearch } from "@tanstack/react-router";
import { Package } from "lucide-react";
import { useRef, useState } from "react";
import type { Bundle } from "../../http/schemas/bundles.ts";
import { api } from "../api.ts";
import { Button } from "../kit/button.tsx";
import { EmptyState } from "../kit/empty-state.tsx";
import { ErrorPanel } from "../kit/error-panel.tsx";
import { PageHeader } from "../kit/page.tsx";
import { Fact, Panel } from "../kit/panel.tsx";
import { SkeletonRows } from "../kit/skeleton.tsx";
import { Time } from "../kit/time.tsx";
import { StaleNote } from "../shell/connection-line.tsx";
import { useTitle } from "../shell/title.ts";
import { useWhyNot } from "../system.ts";
import { BundleContent } from "./bundle-content.tsx";
import s from "./bundles.module.css";
import { InstallDialog } from "./install-dialog.tsx";

/** `/bundles`: what came to an environment as one archive, and installing another. */
export function BundlesPage() {
  const { environment = "default" } = useSearch({ from: "/bundles" });
  const [file, setFile] = useState<File | null>(null);
  const picker = useRef<HTMLInputElement>(null);
  useTitle("Bundles");
  const query = useQuery({
    queryKey: ["workflows", "bundles", environment],
    queryFn: () => api.listBundles({ query: { environment } }),
  });
  const mayNot = useWhyNot("admin", environment);
  const choose = () => picker.current?.click();
  return (
    <>
      <StaleNote />
      <PageHeader
        title="Bundles"
        actions={
          <Button look="primary" icon={Package} disabledBecause={mayNot} onClick={choose}>
            Install a bundle…
          </Button>
        }
      />
      <input
        ref={picker}
        type="file"
        accept=".zip"
        hidden
        aria-label="Bundle"
        onChange={({ target }) => {
          setFile(target.files?.[0] ?? null);
          target.value = ""; // the same file may be chosen again
        }}
      />
      {query.data ? (
        query.data.items.length > 0 ? (
          <div className={s.list}>
            {query.data.items.map((bundle) => (
              <Installed key={bundle.name} bundle={bundle} />
            ))}
          </div>
        ) : (
          <EmptyState
            title="No bundle is installed here yet"
            action={
              <Button icon={Package} disabledBecause={mayNot} onClick={choose}>
                Install a bundle…
              </Button>
            }
          >
            A bundle brings agents, MCP servers and workflows into environment <code>{environment}</code> as
            one file. <code>stn bundle create</code> makes one of an environment's files.
          </EmptyState>
        )
      ) : query.isError ? (
        <ErrorPanel
          what="The bundles could not be loaded"
          error={query.error}
          onRetry={() => void query.refetch()}
          target="/api/v1/bundles"
        />
      ) : (
        <SkeletonRows label="Loading bundles" />
      )}
      {file && <InstallDialog file={file} environment={environment} onClose={() => setFile(null)} />}
    </>
  );
}

function Installed({ bundle }: { readonly bundle: Bundle }) {
  const { name, version, installedAt, installedBy } = bundle;
  return (
    <Panel title={`${name} ${version}`}>
      <BundleContent bundle={bundle}>
        <Fact name="Installed">
          <Time at={installedAt} /> by {installedBy}
        </Fact>
      </BundleContent>
    </Panel>
  );
}
