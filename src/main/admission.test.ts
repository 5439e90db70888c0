import { expect, it } from "vitest";
import { LOCAL_USER } from "../core/identity/principal.ts";
import { admissionOf } from "./admission.ts";

async function letIn(address: string, publicUrl: string | null, anyHost: boolean) {
  const admit = await admissionOf({ auth: { kind: "off", anyHost }, publicUrl });
  const { authenticate } = admit({} as never, {} as never);
  return async () => authenticate(new Request(`${address}/api/v1/me`));
}

it("where nobody is asked, a name that was made to lead here is refused as soon as there is an address", async () => {
  const known = "http://station.example";
  for (const anyHost of [true, false]) {
    const evil = await letIn("http://evil.example:8585", known, anyHost);
    await expect(evil()).rejects.toThrow('"evil.example" is not a name of this machine');
    for (const address of [known, "http://localhost:8585", "http://127.0.0.1:8585"])
      expect(await (await letIn(address, known, anyHost))()).toBe(LOCAL_USER);
  }
  expect(await (await letIn("http://api:8080", null, true))()).toBe(LOCAL_USER);
});
