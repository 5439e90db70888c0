import { useQuery } from "@tanstack/react-query";
import type { BundleInstall } from "../../http/schemas/bundles.ts";
import { api, queryClient } from "../api.ts";
import { bytes } from "../format.ts";
import { Note } from "../kit/badge.tsx";
import { Button } from "../kit/button.tsx";
import { Dialog } from "../kit/dialog.tsx";
import { ErrorPanel } from "../kit/error-panel.tsx";
import { SkeletonRows } from "../kit/skeleton.tsx";
import { say } from "../kit/toast.ts";
import { useAct } from "../settings/use-act.ts";
import { BundleContent } from "./bundle-content.tsx";
import s from "./bundles.module.css";

/** Shows what a bundle would do, and installs what was shown: by its digest. */
export function InstallDialog({
  file,
  environment,
  onClose,
}: {
  readonly file: File;
  readonly environment: string;
  readonly onClose: () => void;
}) {
  const { act, isBusy, failure } = useAct();
  const { name, size, lastModified } = file;
  const query = useQuery({
    queryKey: ["bundle plan", environment, name, size, lastModified],
    queryFn: async () => {
      const archive = await base64Of(file);
      return { archive, plan: await api.installBundle({ body: { archive, environment, dryRun: true } }) };
    },
    gcTime: 0,
    retry: false,
  });
  const install = ({ archive, plan: { digest } }: NonNullable<typeof query.data>) =>
    act(async () => {
      const done = await api.installBundle({ body: { archive, environment, digest } });
      await queryClient.invalidateQueries({ queryKey: ["workflows"] });
      const invalid = done.sync?.rows.filter(({ result }) => result === "invalid").length ?? 0;
      if (invalid > 0) say(`${done.name} is installed; ${invalid} of its files cannot be used`, "error");
      else say(`${done.name} ${done.version} is installed`, "success");
      onClose();
    });
  const { data } = query;
  return (
    <Dialog
      open
      wide
      onClose={onClose}
      title={data ? `Install ${data.plan.name} ${data.plan.version}?` : "Install a bundle"}
      description={`${name}, ${bytes(size)}, into environment ${environment}`}
      footer={
        <>
          <Button onClick={onClose}>Close</Button>
          <Button
            look="primary"
            disabledBecause={data ? null : query.isError ? "It was refused" : "It is being looked at"}
            onClick={() => data && void install(data)}
          >
            {isBusy ? "Installing…" : "Install"}
          </Button>
        </>
      }
    >
      {data ? (
        <Plan plan={data.plan} />
      ) : query.isError ? (
        <ErrorPanel what="The bundle cannot be installed" error={query.error} />
      ) : (
        <SkeletonRows rows={3} label="Looking at the bundle" />
      )}
      {failure !== null && (
        <p role="alert" className={s.failure}>
          {failure}
        </p>
      )}
    </Dialog>
  );
}

const CHANGES = {
  adds: { word: "adds", tone: "good" },
  replaces: { word: "replaces", tone: "person" },
  removes: { word: "removes", tone: "bad" },
  unchanged: { word: "unchanged", tone: "quiet" },
  leaves: { word: "leaves", tone: "quiet" },
} as const;

function Plan({ plan }: { readonly plan: BundleInstall }) {
  return (
    <div className={s.plan}>
      <ul aria-label="What would change" className={s.changes}>
        {plan.changes.map(({ path, change }) => (
          <li key={path} className={s.change}>
            <Note tone={CHANGES[change].tone}>{CHANGES[change].word}</Note>
            <code>{path}</code>
          </li>
        ))}
      </ul>
      <BundleContent bundle={plan} />
    </div>
  );
}

function base64Of(file: File): Promise<string> {
  return new Promise((resolve, reject) => {
    const reader = new FileReader();
    reader.onload = () => resolve(String(reader.result).split(",")[1] ?? "");
    reader.onerror = () => reject(new Error(`${file.name} cannot be read`, { cause: reader.error }));
    reader.readAsDataURL(file);
  });
}
