import { afterAll, beforeAll, describe } from "vitest";
import { obtainSqld } from "../../support/server-binaries.ts";
import { mustSkip, type SqldServer, startSqld } from "../../support/servers.ts";
import { storeContract } from "./store-contract.ts";
import { onServer } from "./subject.ts";

const program = await obtainSqld();

describe.skipIf(mustSkip("the store's contract on sqld", program))("sqld", () => {
  let server: SqldServer | undefined;
  const place = (scheme: string) => {
    if (!server) throw new Error("sqld is not running");
    return onServer(server.url.replace(/^http/, scheme));
  };
  beforeAll(async () => {
    server = await startSqld({ program });
  }, 60_000);
  afterAll(() => server?.stop());
  storeContract("a store on a server, over a web socket", () => place("ws"));
  storeContract("a store on a server, over http", () => place("http"));
});
