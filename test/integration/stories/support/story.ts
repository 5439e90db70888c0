import { afterAll, beforeAll, describe, vi } from "vitest";
import { obtainNats, obtainSqld } from "../../../support/server-binaries.ts";
import { type Deployment, startDistributed, startEmbedded } from "./deployment.ts";
import { createStation, type Station } from "./station.ts";

/** A Station that runs, and what it consists of. */
export type Scene<D extends Deployment = Deployment> = {
  readonly station: Station;
  readonly deployment: D;
};

/** Registers its tests, which find their Station when they begin. Several stories share one at the same time. */
export type Story = (scene: () => Scene) => void;

const missing = await whatIsMissing();

/** Tells stories, all at once, to one process with nothing configured. */
export function embedded(title: string, ...stories: readonly Story[]): void {
  tell(`embedded: ${title}`, 40, () => startEmbedded(), stories);
}

/** Tells stories, all at once, to an API and two workers over nats-server and sqld; says why when it cannot. */
export function distributed(title: string, ...stories: readonly Story[]): void {
  describeDistributed(`distributed: ${title}`, () => tell("together", 12, () => startDistributed(), stories));
}

/** Starts a deployment before the tests of the surrounding block and removes it after them. */
export function staged<D extends Deployment>(start: () => Promise<D>): () => Scene<D> {
  let scene: Scene<D> | null = null;
  beforeAll(async () => {
    const deployment = await start();
    scene = { deployment, station: createStation(deployment.url) };
  });
  afterAll(() => scene?.deployment.remove());
  return () => scene ?? notYet();
}

/** Skips a block whose servers are not to be had here, and says so. */
export function describeDistributed(title: string, body: () => void): void {
  if (missing !== null) process.stderr.write(`\n!!! SKIPPED: ${title}\n!!! ${missing}\n\n`);
  describe.skipIf(missing !== null)(title, body);
}

/** They mostly wait, so many may be told at once. */
function tell(
  title: string,
  maxConcurrency: number,
  start: () => Promise<Deployment>,
  stories: readonly Story[],
): void {
  vi.setConfig({ maxConcurrency });
  describe.concurrent(title, () => {
    const scene = staged(start);
    for (const story of stories) story(scene);
  });
}

async function whatIsMissing(): Promise<string | null> {
  const [nats, sqld] = await Promise.all([obtainNats(), obtainSqld()]);
  const reasons = [
    ...(nats.ok ? [] : [`no nats-server: ${nats.reason}`]),
    ...(sqld.ok ? [] : [`no sqld: ${sqld.reason}`]),
  ];
  return reasons.length === 0 ? null : reasons.join("; ");
}

function notYet(): never {
  throw new Error("there is no Station yet: ask for it inside a test");
}
