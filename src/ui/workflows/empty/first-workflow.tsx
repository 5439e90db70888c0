import { PackagePlus, Plus } from "lucide-react";
import { api, queryClient } from "../../api.ts";
import { Button, ButtonRow } from "../../kit/button.tsx";
import { CopyButton } from "../../kit/copy-button.tsx";
import { say } from "../../kit/toast.ts";
import { useAct } from "../../settings/use-act.ts";
import { useSystem, useWhyNot } from "../../system.ts";
import s from "./first-workflow.module.css";
import { HELLO } from "./hello.ts";

/** Where there is no workflow yet: how the first one comes, by hand or ready made. Goes by itself with the first. */
export function FirstWorkflow({
  environment,
  onWrite,
}: {
  readonly environment: string;
  readonly onWrite: () => void;
}) {
  const { data: system } = useSystem();
  const mayNot = useWhyNot("workflows:write", environment);
  const watched = system?.watched ?? null;
  const path = `${watched ?? "environments"}/${environment}/workflows/hello.workflow.yaml`;
  return (
    <div className={s.page}>
      <h2 className={s.title}>No workflows yet</h2>
      <p className={s.lead}>The first one is a file, or comes ready made. It appears here by itself.</p>
      <div className={s.halves}>
        <section className={s.half} aria-label="Write a file">
          <h3 className={s.halfTitle}>Write a file</h3>
          <p className={s.path}>
            <code>{path}</code>
            <CopyButton text={path} name="Copy path" />
          </p>
          {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls must be reachable by keyboard */}
          <pre className={s.text} tabIndex={0}>
            {HELLO}
          </pre>
          <ButtonRow>
            <CopyButton text={HELLO} label="Copy text" />
            <Button icon={Plus} disabledBecause={mayNot} onClick={onWrite}>
              Write it here
            </Button>
          </ButtonRow>
          <p className={s.note} role="status">
            {watched === null ? (
              <>
                Then <code>stn sync</code>, which reads it in.
              </>
            ) : (
              <>
                <span className={s.dot} aria-hidden />
                Watching {environment}…
              </>
            )}
          </p>
        </section>
        <Example environment={environment} />
      </div>
    </div>
  );
}

function Example({ environment }: { readonly environment: string }) {
  const { act, isBusy, failure } = useAct();
  const mayNot = useWhyNot("admin", environment);
  const install = () =>
    act(async () => {
      const bundle = await fetch(__EXAMPLE_BUNDLE__);
      if (!bundle.ok) throw new Error(`the example is not among the page's files: ${bundle.status}`);
      const archive = base64Of(new Uint8Array(await bundle.arrayBuffer()));
      const { sync } = await api.installBundle({ body: { archive, environment } });
      const invalid = sync?.rows.filter(({ result }) => result === "invalid").length ?? 0;
      if (invalid > 0) say(`The example is installed; ${invalid} of its files cannot be used`, "error");
      else say("The example is installed: run first-steps", "success");
      await queryClient.invalidateQueries({ queryKey: ["workflows"] });
    });
  return (
    <section className={s.half} aria-label="Install an example">
      <h3 className={s.halfTitle}>Install an example</h3>
      <p>
        <b>First steps</b>: a change is reviewed by an agent, approved by a person when it is risky, and
        announced. Its agents answer what is written in their files, so that no model is needed.
      </p>
      <ul className={s.files}>
        <li>
          <code>workflows/first-steps.workflow.yaml</code>
        </li>
        <li>
          <code>agents/change-reviewer.prompt</code>
        </li>
        <li>
          <code>agents/change-announcer.prompt</code>
        </li>
      </ul>
      <ButtonRow>
        <Button look="primary" icon={PackagePlus} disabledBecause={mayNot} onClick={() => void install()}>
          {isBusy ? "Installing…" : "Install the example"}
        </Button>
      </ButtonRow>
      {failure !== null && (
        <p role="alert" className={s.failure}>
          It was not installed: {failure}
        </p>
      )}
    </section>
  );
}

function base64Of(bytes: Uint8Array): string {
  return btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join(""));
}
