import type { Page } from "playwright-core";

/** From its next load on a page takes it to be this time, here and on the server. */
export async function letItBe(page: Page, at: number): Promise<void> {
  await page.clock.setFixedTime(at);
  await page.addInitScript(() => {
    const { get } = Headers.prototype;
    Headers.prototype.get = function (name) {
      return name === "date" ? new Date().toUTCString() : get.call(this, name);
    };
  });
}
