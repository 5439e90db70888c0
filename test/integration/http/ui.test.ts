import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gunzipSync, gzipSync } from "node:zlib";
import { afterEach, beforeEach, expect, it } from "vitest";
import type { UiStatus } from "../../../src/http/ui.ts";
import { createWorld, type World } from "./world.ts";

let directory: string;
let world: World;
let status: UiStatus;

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), "station-ui-"));
  status = { is: "ready" };
  await mkdir(join(directory, "assets"));
  await writeFile(join(directory, "index.html"), "<!doctype html><title>Station</title>");
  await writeFile(join(directory, "api-docs.html"), "<!doctype html><title>API</title>");
  await writeFile(join(directory, "assets/app-1.js.gz"), gzipSync("let app;"));
  await writeFile(join(directory, "assets/sans-2.woff2"), "a font");
  world = await createWorld({ ui: { directory, status: () => status } });
});

afterEach(async () => {
  await world.close();
  await rm(directory, { recursive: true });
});

const page = { headers: { accept: "text/html,application/xhtml+xml" } };

it("every address a person opens is the app, asked for anew each time", async () => {
  for (const path of ["/", "/runs", "/runs/run_01", "/workflows/a%20b/versions"]) {
    const answer = await world.app.request(path, page);
    expect([answer.status, answer.headers.get("cache-control")]).toEqual([200, "no-cache"]);
    expect(await answer.text()).toContain("<title>Station</title>");
  }
});

it("the API's documentation is a page of its own, for whoever opens it", async () => {
  world.as(null);
  const answer = await world.app.request("/api/docs", page);
  expect([answer.status, answer.headers.get("cache-control")]).toEqual([200, "no-cache"]);
  expect(await answer.text()).toContain("<title>API</title>");
  for (const path of ["/api/docs/", "/api/docs/more", "/api"])
    expect((await world.app.request(path, page)).status, path).toBe(404);
  expect((await world.app.request("/api/docs")).status).toBe(404);
});

it("a program that asks for an address that is none still gets a problem, and so does whoever asks the API", async () => {
  const asked = [
    await world.app.request("/runs"),
    await world.app.request("/api/v1/nonsense", page),
    await world.app.request("/assets/gone.js", page),
    await world.app.request("/runs", { ...page, method: "POST" }),
  ];
  expect(asked.map(({ status: code }) => code)).toEqual([404, 404, 404, 404]);
  expect(asked.map(({ headers }) => headers.get("content-type"))).toEqual(
    Array(4).fill("application/problem+json"),
  );
});

const asset = async (name: string, accepted?: string) => {
  const answer = await world.app.request(`/assets/${name}`, {
    headers: accepted === undefined ? {} : { "accept-encoding": accepted },
  });
  return { headers: answer.headers, bytes: Buffer.from(await answer.arrayBuffer()) };
};

it("assets are immutable and come compressed as they lie there", async () => {
  const { headers, bytes } = await asset("app-1.js", "gzip, deflate, br, zstd");
  expect(headers.get("cache-control")).toBe("public, max-age=31536000, immutable");
  expect(headers.get("content-encoding")).toBe("gzip");
  expect(headers.get("vary")).toContain("accept-encoding");
  expect(headers.get("content-type")).toMatch(/^text\/javascript/);
  expect(gunzipSync(bytes).toString()).toBe("let app;");
});

it("whoever does not understand the compressed form gets the text, and a font is sent as it is", async () => {
  for (const accepted of [undefined, "br", "gzip;q=0, *;q=0"]) {
    const { headers, bytes } = await asset("app-1.js", accepted);
    expect([headers.get("content-encoding"), bytes.toString()]).toEqual([null, "let app;"]);
  }
  const font = await asset("sans-2.woff2", "gzip");
  expect([font.headers.get("content-type"), font.headers.get("content-encoding")]).toEqual([
    "font/woff2",
    null,
  ]);
});

it("nothing but an asset is to be had below their address", async () => {
  for (const path of ["/assets/..%2findex.html", "/assets/%2e%2e%5cindex.html", "/assets/a/app-1.js"])
    expect((await world.app.request(path)).status, path).toBe(404);
});

it("only scripts, fonts and workers of this origin run", async () => {
  const policy = (await world.app.request("/runs", page)).headers.get("content-security-policy");
  expect(policy).toContain("default-src 'self'; script-src 'self'; style-src 'self' 'unsafe-inline'");
  expect(policy).toContain("frame-ancestors 'none'");
  expect(policy).not.toMatch(/https?:|unsafe-eval|\*/);
});

it("while the pages are being built the browser is told so and comes back by itself", async () => {
  status = { is: "building" };
  for (const path of ["/runs", "/api/docs"]) {
    const answer = await world.app.request(path, page);
    expect(answer.status).toBe(503);
    expect(await answer.text()).toMatch(/http-equiv="refresh".*building its pages/s);
  }
});

it("pages that cannot be built say why, without becoming part of the page's code", async () => {
  status = { is: "missing", why: "x <script>alert(1)</script>" };
  const text = await (await world.app.request("/runs", page)).text();
  expect(text).toContain("x &#60;script&#62;alert(1)&#60;/script&#62;");
});

it("without a UI the addresses of its pages are none", async () => {
  const bare = await createWorld();
  for (const path of ["/runs", "/api/docs"]) expect((await bare.app.request(path, page)).status).toBe(404);
  await bare.close();
});
