import { describe, expect, test } from "vitest";
import type { AdminEvent } from "../../../src/engine/ports/admin-events.ts";
import type { BundleChange } from "../../../src/engine/ports/installed.ts";
import type { Once } from "../../../src/engine/ports/runs.ts";
import { AT } from "./given.ts";
import type { Subject } from "./subject.ts";

let events = 0;
const event = (): AdminEvent => ({
  id: `adm_bundle_${++events}`,
  at: AT,
  actor: "user:ana",
  channel: "api",
  action: "bundle.installed",
  environment: "prod",
  subject: "bundle:prod/triage",
  data: {},
});

function change(
  revision: number,
  paths: readonly string[],
  more: { name?: string; text?: string } = {},
): BundleChange {
  const { name = "triage", text = 'it\'s "text" – ü\n' } = more;
  const files = paths.map((path) => ({ path, text, sha256: "a".repeat(64) }));
  const listed = files.map(({ path, sha256 }) => ({ path, sha256, size: 3 }));
  return {
    environment: "prod",
    revision,
    files,
    bundle: {
      manifest: { format: 1, name, version: `1.${revision}`, description: null, files: listed },
      digest: String(revision).repeat(64),
      signedBy: null,
      installedAt: AT + revision,
      installedBy: "user:ana",
    },
  };
}

const once = (key: string): Once => ({
  principal: "user:ana",
  route: "POST /bundles",
  key,
  requestHash: "hash",
  answer: { said: "before" },
  expiresAt: AT + 1000,
});

/** What is kept of bundles that were installed over the API. */
export function bundleContract(subject: () => Subject): void {
  const bundles = () => subject().store.bundles;
  const paths = async () => (await bundles().files("prod")).map(({ path, bundle }) => `${bundle} ${path}`);
  const told = async () =>
    (await subject().store.adminEvents.list(null, { limit: 10 })).filter(
      ({ action }) => action === "bundle.installed",
    ).length;

  describe("bundles", () => {
    test("are found as they were installed, and only in their environment", async () => {
      const installed = change(0, ["agents/a.prompt", "workflows/b.workflow.yaml"]);
      expect(await bundles().revision("prod")).toBe(0);
      expect(await bundles().install(installed, event(), null)).toBe("installed");
      expect(await bundles().revision("prod")).toBe(1);
      expect(await bundles().list("prod")).toEqual([installed.bundle]);
      expect(await bundles().files("prod")).toEqual(
        installed.files.map((file) => ({ ...file, bundle: "triage" })),
      );
      expect([await bundles().list("staging"), await bundles().files("staging")]).toEqual([[], []]);
      expect(await told()).toBe(1);
    });

    test("take the place of the one of their name, with all its files, and of no other", async () => {
      await bundles().install(change(0, ["agents/a.prompt", "agents/old.prompt"]), event(), null);
      await bundles().install(change(1, ["agents/x.prompt"], { name: "other" }), event(), null);
      await bundles().install(change(2, ["agents/a.prompt", "agents/new.prompt"]), event(), null);
      expect(await paths()).toEqual([
        "triage agents/a.prompt",
        "triage agents/new.prompt",
        "other agents/x.prompt",
      ]);
      expect((await bundles().list("prod")).map(({ manifest }) => manifest.version)).toEqual(["1.1", "1.2"]);
    });

    test("are not installed on a plan for what was there before, and nothing of them is kept", async () => {
      await bundles().install(change(0, ["agents/a.prompt"]), event(), null);
      expect(await bundles().install(change(0, ["agents/b.prompt"]), event(), once("late"))).toBe("stale");
      expect(await bundles().install(change(7, ["agents/b.prompt"]), event(), null)).toBe("stale");
      expect(await paths()).toEqual(["triage agents/a.prompt"]);
      expect(await told()).toBe(1);
      expect(await subject().store.runs.answered(once("late"), AT)).toBeNull();
    });

    test("of two at once one is installed", async () => {
      const both = await Promise.all(
        ["a", "b"].map((name) =>
          bundles().install(change(0, [`agents/${name}.prompt`], { name }), event(), null),
        ),
      );
      expect([...both].sort()).toEqual(["installed", "stale"]);
      expect(await paths()).toHaveLength(1);
    });

    test("keep an answer under the request's key, until its time is over", async () => {
      await bundles().install(change(0, ["agents/a.prompt"]), event(), once("k"));
      expect(await subject().store.runs.answered(once("k"), AT)).toMatchObject({
        answer: { said: "before" },
      });
      expect(await bundles().install(change(1, ["agents/b.prompt"]), event(), once("k"))).toMatchObject({
        status: "replayed",
      });
      expect(await paths()).toEqual(["triage agents/a.prompt"]);
      const later = { ...event(), at: AT + 5000 };
      expect(await bundles().install(change(1, ["agents/b.prompt"]), later, once("k"))).toBe("installed");
    });

    test("of several megabytes are kept as any other", async () => {
      const many = Array.from({ length: 40 }, (_, index) => `agents/a${index}.prompt`);
      const large = change(0, many, { text: `${"x".repeat(199_999)}\n` });
      expect(await bundles().install(large, event(), null)).toBe("installed");
      expect((await bundles().files("prod")).every(({ text }) => text.length === 200_000)).toBe(true);
    });
  });
}
