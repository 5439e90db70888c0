import type { AddressInfo } from "node:net";
import { createServer } from "node:net";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { createMailer } from "../../../src/adapters/smtp/mailer.ts";
import { subscribe, tryOut } from "../../../src/engine/notify/administer.ts";
import { OutgoingFailed, OutgoingRefused } from "../../../src/engine/ports/outgoing.ts";
import { startMailServer } from "../../support/mail-server.ts";
import { by, failed, type Teller, teller, wanted } from "./given.ts";

const FROM = "Station <station@example.com>";
const mail = { kind: "mail", to: ["ops@example.com", "Lead@example.com"], approvers: false } as const;
const one = { id: "ntf_1", to: "ops@example.com", subject: "s", text: "t", timeoutMs: 5000 };

let closers: (() => Promise<unknown>)[] = [];
beforeEach(() => {
  closers = [];
});
afterEach(async () => {
  for (const close of closers.reverse()) await close();
});

async function given(options?: Parameters<typeof startMailServer>[0], user = "") {
  const server = await startMailServer(options);
  const mailer = createMailer({ url: `smtp://${user}${server.host}`, from: FROM });
  closers.push(server.close, mailer.close);
  return { server, mailer };
}

async function telling(options?: Parameters<typeof startMailServer>[0]) {
  const { server, mailer } = await given(options);
  const station: Teller = await teller({ mailer });
  closers.push(station.close);
  return { server, station };
}

describe("a mail", () => {
  it("goes to each of its receivers by itself, as plain text, under an id of its own", async () => {
    const { server, station } = await telling();
    await station.subscribed(mail);
    const runId = await station.happens(failed);
    await station.noted();
    await station.sent();
    const deliveries = await station.all();
    expect(deliveries.map(({ standing }) => standing.status)).toEqual(["DELIVERED", "DELIVERED"]);
    expect(server.taken.map(({ to }) => to).sort()).toEqual([["Lead@example.com"], ["ops@example.com"]]);
    for (const { from, to, text } of server.taken) {
      expect(from).toBe("station@example.com");
      const { id } = deliveries.find(({ recipient }) => recipient === to[0]) ?? {};
      expect(text).toContain(`Message-ID: <${id}@station>`);
      expect(text).toContain("Subject: Failed: triage in default");
      expect(text).toContain("Auto-Submitted: auto-generated");
      expect(text).toContain("Content-Type: text/plain");
      expect(text).toContain(`https://station.example/runs/${runId}`);
      expect(text).toContain("it broke");
    }
  });

  it("is written as the subscription's template says", async () => {
    const { server, station } = await telling();
    const template = {
      subject: "[{{ data.environment }}] {{ data.workflowId.upper() }}\r\nBcc: eve@example.com",
      text: "{{ data.message }}, see {{ link }}",
    };
    await station.subscribed({ ...mail, to: ["ops@example.com"] }, { template });
    const runId = await station.happens(failed);
    await station.noted();
    await station.sent();
    expect(server.taken.map(({ to }) => to)).toEqual([["ops@example.com"]]);
    expect(server.taken[0]?.text).toContain("Subject: [default] TRIAGE Bcc: eve@example.com");
    expect(server.taken[0]?.text).toContain(`it broke, see https://station.example/runs/${runId}`);
  });

  it("is sent in Station's words when the template does not work this time, and the delivery says so", async () => {
    const { server, station } = await telling();
    const template = { text: "{{ 1 // (len(data.message) - 8) }}" };
    await station.subscribed({ ...mail, to: ["ops@example.com"] }, { template });
    await station.happens(failed);
    await station.noted();
    await station.sent();
    expect(server.taken[0]?.text).toContain("it broke");
    const { standing, latest } = await station.delivery();
    expect([standing.status, latest?.error]).toEqual([
      "DELIVERED",
      expect.stringContaining("its template was not used"),
    ]);
  });

  it("that the server will never take is given up at once, one that it does not take now is tried again", async () => {
    let code = 550;
    const { station } = await telling({
      onRcptTo: (_address, _session, done) =>
        done(Object.assign(new Error("no such user"), { responseCode: code })),
    });
    await station.subscribed({ ...mail, to: ["nobody@example.com"] });
    await station.happens(failed);
    await station.noted();
    await station.sent();
    expect(await station.delivery()).toMatchObject({
      standing: { status: "DEAD" },
      latest: { error: expect.stringContaining("no such user") },
    });
    code = 450;
    expect(await tryOut(station.ports, { environment: "default", name: "ops" }, by)).toMatchObject([
      { verdict: "failed", recipient: "nobody@example.com" },
    ]);
  });

  it("subscription with a template that cannot work is refused, naming what is wrong", async () => {
    const { station } = await telling();
    const place = { environment: "default", name: "bad" };
    const refusal = async (text: string) =>
      subscribe(station.ports, place, wanted(mail, { types: ["run.failed"], template: { text } }), by);
    expect(await refusal("{{ data.approval.title }}")).toMatchObject({
      status: "unfit",
      pointer: "/template",
      message: expect.stringContaining("does not work for run.failed"),
    });
    const labels = { team: "payments" };
    const ofTeam = wanted(mail, { labels, template: { text: "{{ data.labels.team }}" } });
    expect(await refusal("{{ data.labels.team }}")).toMatchObject({ status: "unfit" });
    expect(
      await subscribe(station.ports, { environment: "default", name: "of-team" }, ofTeam, by),
    ).toMatchObject({ status: "made" });
    expect(await refusal("{{ nonsense( }}")).toMatchObject({ status: "unfit" });
    expect(await refusal("{{ wrong.name }}")).toMatchObject({
      message: expect.stringContaining("wrong.name"),
    });
    expect(await subscribe(station.ports, place, wanted({ ...mail, to: ["x"] }), by)).toMatchObject({
      pointer: "/channel/to/0",
    });
    expect(await subscribe(station.ports, place, wanted({ ...mail, to: [] }), by)).toMatchObject({
      pointer: "/channel/to",
    });
  });

  it("needs a server: without one a subscription says what to set", async () => {
    const station = await teller();
    closers.push(station.close);
    expect(await subscribe(station.ports, { environment: "default", name: "m" }, wanted(mail), by)).toEqual({
      status: "mail-off",
      message: "no mail is sent from here: set STATION_SMTP_URL",
    });
  });
});

describe("a mail server", () => {
  it("that is away, hangs or does not let us in may be there another time", async () => {
    const away = createMailer({ url: "smtp://127.0.0.1:1", from: FROM });
    await expect(away.send(one)).rejects.toThrow(OutgoingFailed);
    const silent = createServer(() => {});
    await new Promise<void>((resolve) => silent.listen(0, "127.0.0.1", resolve));
    const { port } = silent.address() as AddressInfo;
    const hanging = createMailer({ url: `smtp://127.0.0.1:${port}`, from: FROM });
    await expect(hanging.send({ ...one, timeoutMs: 100 })).rejects.toThrow("no answer within 100 ms");
    silent.close();
    const { mailer } = await given(
      { onAuth: (_auth, _session, done) => done(new Error("wrong password")), allowInsecureAuth: true },
      "station:secret@",
    );
    await expect(mailer.send(one)).rejects.toThrow(OutgoingFailed);
  });

  it("lets in whoever it knows, and answers what became of the mail", async () => {
    const { server, mailer } = await given(
      {
        authOptional: false,
        allowInsecureAuth: true,
        onAuth: ({ username, password }, _session, done) =>
          username === "station" && password === "p@ss"
            ? done(null, { user: "station" })
            : done(new Error("no")),
      },
      "station:p%40ss@",
    );
    expect(await mailer.send(one)).toMatchObject({ status: 250 });
    expect(server.taken).toHaveLength(1);
  });

  it("that refuses the mail itself refuses it for good", async () => {
    const { mailer } = await given({
      onData: (stream, _session, done) => {
        stream.resume();
        stream.on("end", () => done(Object.assign(new Error("spam"), { responseCode: 554 })));
      },
    });
    await expect(mailer.send(one)).rejects.toThrow(OutgoingRefused);
  });
});
