import { ErrorPanel } from "../kit/error-panel.tsx";
import { PageBody } from "../kit/page.tsx";
import { Fact, Facts, Panel } from "../kit/panel.tsx";
import { SkeletonRows } from "../kit/skeleton.tsx";
import { Health } from "../overview/health.tsx";
import { useSystem } from "../system.ts";
import { Places } from "./configuration.tsx";
import s from "./settings.module.css";

/** What this installation is, and how it is. */
export function AboutSection() {
  const { data, isError, error, refetch } = useSystem();
  if (!data)
    return isError ? (
      <ErrorPanel
        what="The installation does not say what it is"
        error={error}
        onRetry={() => void refetch()}
      />
    ) : (
      <SkeletonRows rows={3} label="Loading" />
    );
  return (
    <PageBody label="About">
      <div className={s.stack}>
        <Health system={data} />
        <Places />
        <Panel title="Look further">
          <Facts>
            <Fact name="API">
              <a className={s.link} href="/api/docs">
                Documentation
              </a>
              {" · "}
              <a className={s.link} href="/api/v1/openapi.json">
                OpenAPI document
              </a>
            </Fact>
            <Fact name="Language">
              <a className={s.link} href="/api/v1/schemas/workflow.json">
                JSON Schema of workflows
              </a>
            </Fact>
            <Fact name="Licences">
              Station is under the Apache License 2.0. Its pages hold React, TanStack, Radix, React Flow, ELK,
              Lucide and others:{" "}
              <a className={s.link} href={__LICENCES__}>
                their licences
              </a>
            </Fact>
          </Facts>
        </Panel>
      </div>
    </PageBody>
  );
}
