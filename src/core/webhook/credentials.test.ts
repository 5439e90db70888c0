import { createHmac } from "node:crypto";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { contentId, disbelief, faultOfSigns, tokenHash } from "./credentials.ts";
import type { HmacScheme, Scheme } from "./hook.ts";
import { secretText, signMessage } from "./standard-webhooks.ts";

const of = (headers: Readonly<Record<string, string>>) => (name: string) => headers[name] ?? null;
const NOW = 1_531_420_618_000;

const SLACK: HmacScheme = {
  type: "hmac",
  header: "x-slack-signature",
  algorithm: "sha256",
  encoding: "hex",
  prefix: "v0=",
  timestampHeader: "x-slack-request-timestamp",
  signs: "v0:{timestamp}:{body}",
};
const SHOPIFY: HmacScheme = {
  type: "hmac",
  header: "x-shopify-hmac-sha256",
  algorithm: "sha512",
  encoding: "base64",
  prefix: "",
  timestampHeader: null,
  signs: "{body}",
};

describe("GitHub", () => {
  const secret = "It's a Secret to Everybody";
  const header = of({
    "x-hub-signature-256": "sha256=757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17",
  });

  it("signs as its documentation's own example", () => {
    expect(disbelief({ type: "github" }, [secret], header, "Hello, World!", NOW)).toBeNull();
    expect(disbelief({ type: "github" }, ["other", secret], header, "Hello, World!", NOW)).toBeNull();
    expect(disbelief({ type: "github" }, [], header, "Hello, World!", NOW)).toBe("wrong-signature");
    expect(disbelief({ type: "github" }, [secret], header, "Hello, World", NOW)).toBe("wrong-signature");
  });

  it("is not believed with the old signature alone, or none", () => {
    const sha1 = `sha1=${createHmac("sha1", secret).update("Hello, World!").digest("hex")}`;
    for (const headers of [{}, { "x-hub-signature": sha1 }, { "x-hub-signature-256": sha1 }])
      expect(disbelief({ type: "github" }, [secret], of(headers), "Hello, World!", NOW)).toBe("unsigned");
  });
});

describe("any other HMAC", () => {
  const secret = "8f742231b10e8888abcd99yyyzzz85a5";
  const body =
    "token=xyzz0WbapA4vBCDEFasx0q6G&team_id=T1DC2JH3J&team_domain=testteamnow&channel_id=G8PSS9T3V&channel_name=foobar&user_id=U2CERLKJA&user_name=roadrunner&command=%2Fwebhook-collect&text=&response_url=https%3A%2F%2Fhooks.slack.com%2Fcommands%2FT1DC2JH3J%2F397700885554%2F96rGlfmibIGlgcZRskXaIFfN&trigger_id=398738663015.47445629121.803a0bc887a14d10d2c447fce8b6703c";
  const headers = {
    "x-slack-request-timestamp": "1531420618",
    "x-slack-signature": "v0=a2114d57b48eac39b9ad189dd8316235a7b4a8d21a10bd27519666489c69b503",
  };

  it("is checked as Slack's documentation has it, within five minutes", () => {
    const at = (seconds: number) => disbelief(SLACK, [secret], of(headers), body, NOW + seconds * 1000);
    expect([at(0), at(301), at(-301)]).toEqual([null, "too-old", "too-new"]);
    const later = { ...headers, "x-slack-request-timestamp": "1531420619" };
    expect(disbelief(SLACK, [secret], of(later), body, NOW)).toBe("wrong-signature");
    for (const time of [undefined, "", "1e9", "-5", "1531420618 "]) {
      const { "x-slack-request-timestamp": _time, ...rest } = headers;
      const timed = time === undefined ? rest : { ...rest, "x-slack-request-timestamp": time };
      expect(disbelief(SLACK, [secret], of(timed), body, NOW)).toBe("unsigned");
    }
  });

  it("may be written in capitals or base64, and with SHA-512", () => {
    const capitals = { ...headers, "x-slack-signature": headers["x-slack-signature"].toUpperCase() };
    expect(disbelief({ ...SLACK, prefix: "V0=" }, [secret], of(capitals), body, NOW)).toBeNull();
    const mac = createHmac("sha512", secret).update(body).digest("base64");
    expect(disbelief(SHOPIFY, [secret], of({ "x-shopify-hmac-sha256": mac }), body, NOW)).toBeNull();
  });

  it("must sign the body once, and the time where there is one", () => {
    expect(faultOfSigns(SLACK)).toBeNull();
    expect(faultOfSigns(SHOPIFY)).toBeNull();
    for (const signs of ["", "{timestamp}", "{body}{body}", "{body}"])
      expect(faultOfSigns({ ...SLACK, signs })).not.toBeNull();
    expect(faultOfSigns({ ...SHOPIFY, signs: "{timestamp}.{body}" })).not.toBeNull();
  });
});

describe("a token", () => {
  const token = "tok-0123456789abcdef";
  const asked = (authorization: string) =>
    disbelief({ type: "bearer" }, [tokenHash(token)], of({ authorization }), "{}", NOW);

  it("is known by its hash, whatever the letter case of its scheme", () => {
    expect([asked(`Bearer ${token}`), asked(`bearer  ${token}`)]).toEqual([null, null]);
    expect([asked(`Bearer ${token}x`), asked(`Bearer ${tokenHash(token)}`)]).toEqual(
      Array(2).fill("wrong-signature"),
    );
    expect([asked(""), asked(token), asked(`Basic ${token}`), asked("Bearer ")]).toEqual(
      Array(4).fill("unsigned"),
    );
  });
});

describe("whatever the scheme", () => {
  const schemes: readonly Scheme[] = [{ type: "standard-webhooks" }, { type: "github" }, SLACK, SHOPIFY];
  const time = String(NOW / 1000);
  const signed = (scheme: Scheme, secret: string, body: Uint8Array): Record<string, string> => {
    switch (scheme.type) {
      case "standard-webhooks":
        return signMessage([Buffer.from(secret.slice(6), "base64")], {
          id: "m",
          timestamp: NOW / 1000,
          body,
        });
      case "github":
        return { "x-hub-signature-256": `sha256=${createHmac("sha256", secret).update(body).digest("hex")}` };
      case "hmac": {
        const mac = createHmac(scheme.algorithm, secret);
        if (scheme === SLACK) mac.update(`v0:${time}:`);
        return {
          [scheme.header]: scheme.prefix + mac.update(body).digest(scheme.encoding),
          ...(scheme.timestampHeader !== null && { [scheme.timestampHeader]: time }),
        };
      }
      case "bearer":
        return {};
    }
  };

  it("a right request is believed, and with any byte changed it is not", () => {
    const secrets = fc.uint8Array({ minLength: 24, maxLength: 64 }).map(secretText);
    fc.assert(
      fc.property(
        fc.constantFrom(...schemes),
        secrets,
        fc.uint8Array({ minLength: 1, maxLength: 200 }),
        fc.nat(),
        fc.integer({ min: 1, max: 255 }),
        (scheme, secret, body, at, flip) => {
          const header = of(signed(scheme, secret, body));
          expect(disbelief(scheme, [secret], header, body, NOW)).toBeNull();
          const changed = Uint8Array.from(body);
          changed[at % body.length] = (changed[at % body.length] ?? 0) ^ flip;
          expect(disbelief(scheme, [secret], header, changed, NOW)).toBe("wrong-signature");
          expect(disbelief(scheme, [secretText(Buffer.alloc(24))], header, body, NOW)).toBe(
            secret === secretText(Buffer.alloc(24)) ? null : "wrong-signature",
          );
        },
      ),
    );
  });

  it("an empty secret believes nobody who guesses it", () => {
    const body = Buffer.from("{}");
    const headers = signMessage([Buffer.alloc(0)], { id: "m", timestamp: NOW / 1000, body });
    expect(disbelief({ type: "standard-webhooks" }, [""], of(headers), body, NOW)).toBe("wrong-signature");
  });

  it("what was signed names the event, and nothing else does", () => {
    const header = of({ "x-github-delivery": "1", "x-slack-request-timestamp": "5" });
    const other = of({ "x-github-delivery": "2", "x-slack-request-timestamp": "5" });
    const later = of({ "x-slack-request-timestamp": "6" });
    expect(contentId({ type: "github" }, header, "{}")).toBe(contentId({ type: "github" }, other, "{}"));
    expect(contentId({ type: "github" }, header, "{}")).not.toBe(contentId({ type: "github" }, header, "[]"));
    expect(contentId(SLACK, header, "{}")).toBe(contentId(SLACK, other, "{}"));
    expect(contentId(SLACK, header, "{}")).not.toBe(contentId(SLACK, later, "{}"));
  });
});
