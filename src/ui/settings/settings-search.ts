/** The sections of the settings, in the order of their tabs. */
export const SETTINGS = {
  access: "Access",
  schedules: "Schedules",
  webhooks: "Webhooks",
  notifications: "Notifications",
  environments: "Environments",
  about: "About",
} as const;
export type Section = keyof typeof SETTINGS;

/** What the address of the settings says: what is looked into, by its name and environment or by its id. */
export type SettingsSearch = {
  readonly environment?: string | undefined;
  readonly name?: string | undefined;
};

export function settingsSearch({ environment, name }: Record<string, unknown>): SettingsSearch {
  return { environment: textOf(environment), name: textOf(name) };
}

function textOf(value: unknown): string | undefined {
  return value === undefined || String(value) === "" ? undefined : String(value);
}
