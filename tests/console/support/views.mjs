// One state of a page as people see it: light, dark, and on a phone. A screenshot of each in the folder of the run, no
// serious fault by axe, nothing wider than the screen.
//
//   await in_each_view(browser, page, 'overview', async () => { await page.goto(...); ... });

import assert from 'node:assert/strict';

const LARGE = { width: 1280, height: 860 };
const PHONE = { width: 360, height: 760 };

/** @param {() => Promise<void>} show goes there and waits until it is shown: once for each width, as a page is laid out when it loads */
export async function in_each_view(browser, page, name, show) {
  const view = async (size, word) => {
    await page.emulateMedia({ colorScheme: 'light' });
    await page.setViewportSize(size);
    await show();
    await browser.look(page, `${name}_${word}`);
    await browser.fits(page, `${name}_${word}`);
  };
  await view(LARGE, 'light');
  // The same elements in other colors: of all that axe looks for, only their contrast can differ.
  await page.emulateMedia({ colorScheme: 'dark' });
  await browser.look(page, `${name}_dark`, { rules: ['color-contrast'] });
  await view(PHONE, 'phone');
}

/** Waits for the heading, and until nothing is being read; the page has not failed on what it read. */
export async function is_shown(page, heading) {
  await page.getByRole('heading', { level: 1, name: heading, exact: typeof heading === 'string' }).waitFor();
  await page.waitForFunction(() => !document.querySelector('.loading'));
  assert.equal(await page.getByRole('heading', { name: 'This page failed' }).count(), 0);
}
