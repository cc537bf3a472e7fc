// Each page that looks, in each state: what it says first, no serious fault by axe in either theme, readable at 360
// pixels, a screenshot.

import { test } from 'node:test';
import { PlayedGateway } from './played/gateway.mjs';
import { READS } from './reads_pages.mjs';
import { Browser, no_browser } from './support/browser.mjs';

const VIEWS = [{ theme: 'light', width: 1280 }, { theme: 'dark', width: 1280 }, { theme: 'light', width: 360, height: 760 }];

test('each page that looks, in both themes and on a phone', { skip: no_browser() }, async (t) => {
  const browser = await Browser.start();
  t.after(() => browser.close());
  const only = process.env.PAWL_CONSOLE_ONLY;
  for (const one of READS.filter(({ name }) => !only || name.startsWith(only))) {
    await t.test(one.name, async () => {
      const gateway = await PlayedGateway.start();
      t.after(() => gateway.close());
      one.before?.(gateway);
      for (const view of VIEWS) {
        const path = typeof one.path === 'function' ? one.path(gateway) : one.path;
        const page = await browser.page(gateway, { ...view, path });
        await page.getByRole('heading', { level: 1, name: one.heading, exact: true }).waitFor();
        await page.waitForFunction(() => !document.querySelector('.loading'));
        if (one.says) {
          await page.getByText(one.says).first().waitFor();
        }
        await one.then?.(page, gateway);
        const name = `${one.name}_${view.width === 360 ? 'phone' : view.theme}`;
        await browser.look(page, name);
        await browser.fits(page, name);
        await page.context().close();
      }
    });
  }
});
