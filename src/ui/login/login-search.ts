/** What the address of the login says: where to go afterwards, a path of this server. */
export type LoginSearch = { readonly return?: string };

/** Reads the address; "//evil.example" and "/\evil.example" are addresses elsewhere and are left out. */
export function loginSearch({ return: path }: Record<string, unknown>): LoginSearch {
  const isOwn = typeof path === "string" && /^\/(?![/\\])/.test(path) && !path.startsWith("/login");
  return isOwn ? { return: path } : {};
}
