import { Type } from "typebox";
import { LoginMethods } from "../schemas/keys.ts";
import type { Route } from "./route.ts";

/** How a browser logs in. There is nothing here for programs: they send a key or a token. */
export const loginRoutes = {
  getLoginMethods: {
    method: "get",
    path: "/auth/methods",
    tag: "Access",
    summary: "How a browser can log in",
    ok: [200, LoginMethods],
    problems: [],
    isPublic: true,
  },
  login: {
    method: "get",
    path: "/auth/login",
    tag: "Access",
    summary: "Log in with the identity provider",
    query: Type.Object({
      return: Type.String({ default: "/", description: "Where to go afterwards: a path" }),
    }),
    ok: [302, null],
    problems: ["not-found", "unavailable"],
    isPublic: true,
  },
  loginCallback: {
    method: "get",
    path: "/auth/callback",
    tag: "Access",
    summary: "Where the identity provider sends a browser back to",
    ok: [302, null],
    problems: ["not-found", "unauthenticated", "unavailable"],
    isPublic: true,
  },
  logout: {
    method: "post",
    path: "/auth/logout",
    tag: "Access",
    summary: "End a browser's session",
    ok: [204, null],
    problems: ["not-found", "forbidden", "unavailable"],
    isPublic: true,
  },
} as const satisfies Record<string, Route>;
