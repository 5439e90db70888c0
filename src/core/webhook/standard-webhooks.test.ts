import fc from "fast-check";
import { Webhook } from "standardwebhooks";
import { describe, expect, it } from "vitest";
import { faultOf, type Message, parseSecret, secretText, signMessage } from "./standard-webhooks.ts";

const secret = parseSecret("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw") ?? new Uint8Array();
const message: Message = {
  id: "msg_p5jXN8AQM9LWM0D4loKWxJek",
  timestamp: 1_614_265_330,
  body: '{"test": 2432232314}',
};
const now = message.timestamp * 1000;
const anySecret = fc.uint8Array({ minLength: 24, maxLength: 64 });
const anyId = fc.string({ minLength: 1 }).filter((id) => id.trim() === id);

describe("a message", () => {
  it("is signed as the specification's own example is", () => {
    expect(signMessage([secret], message)).toEqual({
      "webhook-id": "msg_p5jXN8AQM9LWM0D4loKWxJek",
      "webhook-timestamp": "1614265330",
      "webhook-signature": "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
    });
  });

  it("is signed byte for byte as the reference library signs it, and each believes the other", () => {
    const time = Math.floor(Date.now() / 1000);
    fc.assert(
      fc.property(anySecret, anyId, fc.string({ unit: "grapheme" }), (bytes, id, body) => {
        const reference = new Webhook(secretText(bytes));
        const headers = signMessage([bytes], { id, timestamp: time, body });
        expect(headers["webhook-signature"]).toBe(reference.sign(id, new Date(time * 1000), body));
        reference.verify(body, headers, { jsonParse: false });
        expect(faultOf([bytes], headers, Buffer.from(body), time * 1000)).toBeNull();
      }),
    );
  });

  it("with any byte changed is believed no more", () => {
    const body = Buffer.from(message.body);
    const headers = signMessage([secret], message);
    fc.assert(
      fc.property(fc.nat(body.length - 1), fc.integer({ min: 1, max: 255 }), (at, flip) => {
        const changed = Buffer.from(body);
        changed[at] = (changed[at] ?? 0) ^ flip;
        expect(faultOf([secret], headers, changed, now)).toBe("wrong-signature");
      }),
    );
    const signature = headers["webhook-signature"];
    fc.assert(
      fc.property(fc.nat(signature.length - 1), fc.string({ minLength: 1, maxLength: 1 }), (at, letter) => {
        fc.pre(signature[at] !== letter);
        const changed = signature.slice(0, at) + letter + signature.slice(at + 1);
        expect(faultOf([secret], { ...headers, "webhook-signature": changed }, body, now)).toBe(
          "wrong-signature",
        );
      }),
    );
    for (const other of [
      { "webhook-id": "msg_other" },
      { "webhook-timestamp": "1614265331" },
      { "webhook-timestamp": "01614265330" },
    ])
      expect(faultOf([secret], { ...headers, ...other }, body, now)).toBe("wrong-signature");
  });

  it("is believed for five minutes before and after its time", () => {
    const headers = signMessage([secret], message);
    const at = (seconds: number) => faultOf([secret], headers, message.body, now + seconds * 1000);
    expect([at(-301), at(-300), at(0), at(300), at(301)]).toEqual(["too-new", null, null, null, "too-old"]);
  });

  it("with a wrong signature is not told that its time is wrong too", () => {
    const headers = signMessage([secret], message);
    expect(faultOf([secret], headers, "{}", now + 3_600_000)).toBe("wrong-signature");
  });

  it("without an id, a time in digits or a signature is unsigned", () => {
    const headers = signMessage([secret], message);
    for (const missing of ["webhook-id", "webhook-timestamp", "webhook-signature"])
      expect(faultOf([secret], { ...headers, [missing]: "" }, message.body, now)).toBe("unsigned");
    for (const time of ["-1", "1e9", "0x1", " 1614265330", "1".repeat(13)])
      expect(faultOf([secret], { ...headers, "webhook-timestamp": time }, message.body, now)).toBe(
        "unsigned",
      );
    expect(faultOf([secret], {}, message.body, now)).toBe("unsigned");
  });

  it("is believed by either secret while one replaces the other", () => {
    const other = Buffer.alloc(32, 7);
    const both = signMessage([secret, other], message);
    for (const one of [secret, other]) {
      expect(faultOf([one], both, message.body, now)).toBeNull();
      expect(faultOf([secret, other], signMessage([one], message), message.body, now)).toBeNull();
    }
    expect(faultOf([other], signMessage([secret], message), message.body, now)).toBe("wrong-signature");
    expect(faultOf([], both, message.body, now)).toBe("wrong-signature");
  });

  it("may carry signatures of versions to come", () => {
    const headers = signMessage([secret], message);
    const later = { ...headers, "webhook-signature": `v2,abc v1a,def ${headers["webhook-signature"]}` };
    expect(faultOf([secret], later, message.body, now)).toBeNull();
    const only = { ...headers, "webhook-signature": headers["webhook-signature"].replace("v1,", "v2,") };
    expect(faultOf([secret], only, message.body, now)).toBe("wrong-signature");
  });
});

describe("a secret", () => {
  it("is 24 to 64 bytes behind whsec_", () => {
    fc.assert(
      fc.property(anySecret, (bytes) => {
        expect(parseSecret(secretText(bytes))).toEqual(Buffer.from(bytes));
      }),
    );
  });

  it("is nothing else", () => {
    for (const text of [
      "",
      "whsec_",
      "whsec_ä",
      "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
      secretText(Buffer.alloc(23)),
      secretText(Buffer.alloc(65)),
      `${secretText(Buffer.alloc(24))}=`,
      `${secretText(Buffer.alloc(24))}\n`,
    ])
      expect(parseSecret(text), text).toBeNull();
  });
});
