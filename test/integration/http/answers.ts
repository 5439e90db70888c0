import { expect } from "vitest";
import type { JsonObject } from "../../../src/core/json.ts";
import type { Schemas } from "../../../src/engine/ports/schemas.ts";
import { routeList } from "../../../src/http/contract.ts";
import { problemsOf } from "../../../src/http/openapi.ts";
import type { Route } from "../../../src/http/routes/route.ts";
import { Problem, problemKinds } from "../../../src/http/schemas/problem.ts";

/** Every answer is what the table promises: its status, its body's shape, or one of its problems. */
export async function checkAnswer(schemas: Schemas, method: string, path: string, response: Response) {
  const route = routeOf(method, path);
  const what = `${method} ${path} → ${response.status}`;
  if (response.ok) {
    if (!route) throw new Error(`${what}: not in the table`);
    const [status, schema] = route.otherwise?.[0] === response.status ? route.otherwise : route.ok;
    if (route.media === "text/event-stream" && response.status === 204) return;
    expect(response.status, what).toBe(status);
    if (schema === null || route.media) return;
    expect(
      schemas.validate(schema as unknown as JsonObject, (await response.json()) as JsonObject),
      what,
    ).toMatchObject({
      valid: true,
    });
    return;
  }
  expect(response.headers.get("content-type"), what).toBe("application/problem+json");
  const problem = (await response.json()) as Problem;
  expect(schemas.validate(Problem as unknown as JsonObject, problem), what).toMatchObject({ valid: true });
  expect(problem.status).toBe(response.status);
  expect(problem.type).toBe(`/problems/${problem.code}`);
  expect(problem.instance).toBe(`urn:request:${response.headers.get("x-request-id")}`);
  if (!route) return;
  const promised = problemsOf(route).map((kind) => {
    const { status, code = kind }: { status: number; code?: string } = problemKinds[kind];
    return `${status} ${code}`;
  });
  expect(promised, what).toContain(`${problem.status} ${problem.code}`);
}

function routeOf(method: string, path: string): Route | undefined {
  const asked = path.replace(/[?#].*$/, "").split("/");
  const fits = (known: string | undefined) => {
    const parts = known?.split("/") ?? [];
    return (
      parts.length === asked.length && parts.every((part, i) => part === asked[i] || part.startsWith("{"))
    );
  };
  return routeList.find(
    ([, route]) => route.method === method.toLowerCase() && (fits(route.path) || fits(route.alias)),
  )?.[1];
}
