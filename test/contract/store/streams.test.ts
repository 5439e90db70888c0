import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Query, select, wide } from "../../../src/adapters/libsql/database.ts";
import { RemoteDriver } from "../../../src/adapters/libsql/remote-driver.ts";
import { obtainSqld } from "../../support/server-binaries.ts";
import { mustSkip, type SqldServer, startSqld } from "../../support/servers.ts";
import { openAt } from "./subject.ts";

const program = await obtainSqld();

const lease = (name: string, kind = "process"): Query => ({
  sql: `insert into workflow_leases (kind, name, holder, expires_at) values (?, ?, ?, 1)
    on conflict (kind, name) do update set expires_at = expires_at + 1`,
  args: [kind, name, name],
});
const LEASES: Query = { sql: "select name, expires_at from workflow_leases order by name", args: [] };
const SLOW: Query = {
  sql: "with recursive n (i) as (select 1 union all select i + 1 from n where i < 1500000) select max(i) from n",
  args: [],
};

describe.skipIf(mustSkip("the streams of a server", program))("a server with two connections", () => {
  let server: SqldServer | undefined;
  const drivers: RemoteDriver[] = [];
  const driver = () => {
    const made = new RemoteDriver((server?.url ?? "").replace(/^http/, "ws"), undefined);
    drivers.push(made);
    return made;
  };
  beforeAll(async () => {
    server = await startSqld({ program });
    await (await openAt(server.url)).close();
  }, 60_000);
  afterAll(async () => {
    for (const each of drivers) await each.close();
    await server?.stop();
  });

  test("of five processes that all have much to do, none is kept out by the others", async () => {
    const work = Array.from({ length: 5 }, (_, index) => ({ db: driver(), name: `busy-${index}`, done: 0 }));
    const isEverybodyThrough = () => work.every(({ done }) => done >= 10);
    await Promise.all(
      work.map(async (one) => {
        for (; !isEverybodyThrough(); one.done++)
          await Promise.all([one.db.read([LEASES]), one.db.write([lease(one.name)])]);
      }),
    );
    const [rows = []] = await driver().read([LEASES]);
    expect(rows).toEqual(work.map(({ name, done }) => [name, done]));
  }, 60_000);

  test("a batch that is refused takes back what it did, and the next is none the worse", async () => {
    const db = driver();
    await expect(db.write([lease("refused"), lease("refused", "no such kind")])).rejects.toThrow(
      /constraint/i,
    );
    await db.write([lease("kept")]);
    const [rows = []] = await db.read([LEASES]);
    expect(rows.map(([name]) => name)).toContain("kept");
    expect(rows.map(([name]) => name)).not.toContain("refused");
  });

  test("more than one message holds is kept, or taken back, as a whole", async () => {
    const db = driver();
    const put = (id: number): Query => ({
      sql: "insert into large (id, body) values (?, ?) returning id",
      args: [id, "x".repeat(1_000_000)],
    });
    const kept: Query = { sql: "select id, length(body) from large order by id", args: [] };
    await db.write([{ sql: "create table large (id integer primary key, body text) strict", args: [] }]);
    const ids = Array.from({ length: 17 }, (_, index) => index + 1);
    // One is there already: most of it had been sent by then.
    await expect(db.write([...ids.map(put), put(1), put(18)])).rejects.toThrow(/constraint/i);
    expect(await db.read([kept])).toEqual([[]]);
    expect(await db.write(ids.map(put))).toEqual(ids.map((id) => [[id]]));
    expect(await db.read([kept])).toEqual([ids.map((id) => [id, 1_000_000])]);
  });

  test("a question that takes long does not hold up what is written", async () => {
    const db = driver();
    const order: string[] = [];
    await Promise.all([
      db.read([SLOW]).then(() => order.push("answered")),
      db.write([lease("meanwhile")]).then(() => order.push("written")),
    ]);
    expect(order).toEqual(["written", "answered"]);
  });

  /** `count` rows of `size` characters. */
  const rows = (count: number, size: number): Query => ({
    sql: `with recursive n (i) as (select 1 union all select i + 1 from n where i < ?1)
      select i, hex(zeroblob(?2 / 2)) from n order by i desc`,
    args: [count, size],
  });

  test("questions that are asked together are answered, though all answers are more than the server gives at once", async () => {
    const db = driver();
    const answers = await Promise.all(Array.from({ length: 12 }, () => db.read([rows(1, 1_000_000)])));
    expect(answers.map(([answer]) => answer?.length)).toEqual(Array(12).fill(1));
  });

  test.each(["ws", "http"])(
    "over %s an answer larger than the server gives comes whole and in its order",
    async (scheme) => {
      const db = new RemoteDriver((server?.url ?? "").replace(/^http/, scheme), undefined);
      drivers.push(db);
      const many = {
        ...rows(6000, 2000),
        packed: rows(6000, 2000).sql.replace(
          "i, hex(zeroblob(?2 / 2))",
          "json_array(i, hex(zeroblob(?2 / 2)))",
        ),
      };
      const [large, leases, small, packed] = await db.read([rows(15, 1_000_000), LEASES, rows(2, 10), many]);
      expect(leases).toEqual((await db.read([LEASES]))[0]);
      expect(small).toEqual([
        [2, "0000000000"],
        [1, "0000000000"],
      ]);
      expect(large?.map(([i]) => i)).toEqual(Array.from({ length: 15 }, (_, index) => 15 - index));
      expect(packed?.map(([i]) => i)).toEqual(Array.from({ length: 6000 }, (_, index) => 6000 - index));
    },
  );

  test("a row comes packed as it is stored, whatever is in it", async () => {
    const row = ["", 'a "quoted" \\ one', "\u0000\u0001\n\t\u007f\u2028", "é 😀", null, 0, -1];
    const columns = row.map((_, index) => `?${index + 1}`).join(", ");
    const largest = "9007199254740991";
    expect(await select(driver(), wide(`${columns}, ${largest}`, "from (select 1) one"), row)).toEqual([
      [...row, Number(largest)],
    ]);
  });
});
