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

/** Reads the address; what it does not understand is left out. */
export function settingsSearch({ environment, name }: Record<string, unknown>): SettingsSearch {
  return {
    ...(environment !== undefined && String(environment) !== "" && { environment: String(environment) }),
    ...(name !== undefined && String(name) !== "" && { name: String(name) }),
  };
}
