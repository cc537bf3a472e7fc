// Each page and state: what it says first, no serious fault by axe in either theme, readable at 360 pixels, a screenshot.
import { after, before, test } from 'node:test';
import { PlayedGateway } from './played/gateway.mjs';
import { PAGES } from './pages.mjs';
import { READS } from './reads_pages.mjs';
import { Browser, no_browser } from './support/browser.mjs';
import { StandIn } from './support/stand_in.mjs';
import { in_each_view, is_shown } from './support/views.mjs';

let browser, page;
before(async () => {
  if (no_browser()) return;
  browser = await Browser.start();
  page = await browser.page();
});
after(async () => {
  await browser?.close();
  browser?.no_faults();
});

const only = process.env.PAWL_CONSOLE_ONLY ?? '';
for (const [Gateway, rows] of [[StandIn, PAGES], [PlayedGateway, READS]]) {
  for (const { name, path, heading, says, before: prepare, then } of rows.filter((one) => one.name.startsWith(only))) {
    test(`${name}: in both themes, and on a phone`, { skip: no_browser() }, async (t) => {
      const gateway = await Gateway.start();
      t.after(() => gateway.close());
      await prepare?.(gateway);
      await in_each_view(browser, page, name, async () => {
        await page.goto(gateway.address + (typeof path === 'function' ? path(gateway) : path));
        await is_shown(page, heading);
        if (says) await page.getByText(says).first().waitFor();
        await then?.(page, gateway);
      });
    });
  }
}
