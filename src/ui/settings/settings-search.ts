/** The sections of the settings, in the order of their tabs. */
export const SETTINGS = {
  access: "Access",
  environments: "Environments",
  about: "About",
} as const;
export type Section = keyof typeof SETTINGS;

/** What the address of the settings says: the environment that a section is about. */
export type SettingsSearch = { readonly environment?: string | undefined };

export function settingsSearch({ environment }: Record<string, unknown>): SettingsSearch {
  return {
    environment: environment !== undefined && String(environment) !== "" ? String(environment) : undefined,
  };
}
