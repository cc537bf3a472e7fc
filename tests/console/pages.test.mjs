// Each page and state: what it says first, no serious fault by axe in either theme, readable at 360 pixels, a screenshot.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { PAGES } from './pages.mjs';
import { Browser, no_browser } from './support/browser.mjs';
import { StandIn } from './support/stand_in.mjs';

const VIEWS = [{ theme: 'light', width: 1280 }, { theme: 'dark', width: 1280 }, { theme: 'light', width: 360, height: 760 }];

async function look_at(browser, gateway, one, view) {
  await one.before?.(gateway);
  const path = typeof one.path === 'function' ? one.path(gateway) : one.path;
  const page = await browser.page(gateway, { ...view, path });
  await page.getByRole('heading', { level: 1, name: one.heading }).waitFor();
  await page.waitForFunction(() => !document.querySelector('.loading'));
  await one.then?.(page, gateway);
  const name = `${one.name}_${view.width === 360 ? 'phone' : view.theme}`;
  await browser.look(page, name);
  await browser.fits(page, name);
  await page.context().close();
}

test('each page in both themes and on a phone', { skip: no_browser() }, async (t) => {
  const browser = await Browser.start();
  t.after(() => browser.close());
  const only = process.env.PAWL_CONSOLE_ONLY;
  for (const one of PAGES.filter(({ name }) => !only || name.startsWith(only))) {
    await t.test(one.name, async () => {
      for (const view of VIEWS) {
        const gateway = await StandIn.start();
        try {
          await look_at(browser, gateway, one, view);
        } finally {
          await gateway.close();
        }
      }
    });
  }
  assert.ok(PAGES.length > 0);
  browser.no_faults();
});
