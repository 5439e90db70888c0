import { useNavigate, useParams } from "@tanstack/react-router";
import type { ReactNode } from "react";
import { PageBody, PageHeader } from "../kit/page.tsx";
import { Tabs } from "../kit/tabs.tsx";
import { StaleNote } from "../shell/connection-line.tsx";
import { NotFoundPage } from "../shell/not-found.tsx";
import { useTitle } from "../shell/title.ts";
import { AboutSection } from "./about-section.tsx";
import { AccessSection } from "./access-section.tsx";
import { EnvironmentsSection } from "./environments-section.tsx";
import { NotificationsSection } from "./notifications-section.tsx";
import { SchedulesSection } from "./schedules-section.tsx";
import { SETTINGS, type Section } from "./settings-search.ts";
import { WebhooksSection } from "./webhooks-section.tsx";

const CONTENT: Readonly<Record<Section, ReactNode>> = {
  access: (
    <PageBody label="Access">
      <AccessSection />
    </PageBody>
  ),
  schedules: <SchedulesSection />,
  webhooks: <WebhooksSection />,
  notifications: <NotificationsSection />,
  environments: <EnvironmentsSection />,
  about: <AboutSection />,
};

/** `/settings/$section`: who may call, what is told to whom, and what this installation is. */
export function SettingsPage() {
  const { section } = useParams({ from: "/settings/$section" });
  const navigate = useNavigate();
  const isKnown = section in SETTINGS;
  useTitle(isKnown ? `${SETTINGS[section as Section]} · Settings` : "Not found");
  if (!isKnown) return <NotFoundPage />;
  return (
    <>
      <StaleNote />
      <PageHeader title="Settings" />
      <Tabs<Section>
        label="Settings"
        value={section as Section}
        onChange={(next) =>
          void navigate({ to: "/settings/$section", params: { section: next }, search: {} })
        }
        tabs={(Object.keys(SETTINGS) as Section[]).map((value) => ({
          value,
          label: SETTINGS[value],
          content: CONTENT[value],
        }))}
      />
    </>
  );
}
