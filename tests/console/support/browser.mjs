// A real browser for a test: Debian's chromium, a page whose errors fail the test, a virtual authenticator, axe.
//
//   const browser = await Browser.start();
//   const page = await browser.page(gateway, { theme: 'dark', width: 360 });
//   await browser.look(page, 'overview');             a screenshot in the folder of the run, and axe
//   browser.no_faults();                              fails when a page threw, or the policy of content was violated
//   t.after(() => browser.close());
//
// PAWL_CONSOLE_INSTEAD=DIST puts another build in place of the program's own: to look at one without building the program,
// and to see that a test can fail.

import assert from 'node:assert/strict';
import { generateKeyPairSync } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { mkdir, readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { extname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { chromium } from 'playwright-core';

const CHROMIUM = ['/usr/bin/chromium', '/usr/bin/chromium-browser'].find(existsSync);
const FLAGS = ['--headless', '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking',
  '--disable-component-update', '--disable-sync'];
export const SCREENS = process.env.PAWL_CONSOLE_SCREENS ?? fileURLToPath(new URL('../../../build/console-screens', import.meta.url));
const AXE = await readFile(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

const INSTEAD = process.env.PAWL_CONSOLE_INSTEAD;
const TYPES = { '.html': 'text/html', '.js': 'text/javascript', '.css': 'text/css', '.svg': 'image/svg+xml' };

export const no_browser = () => (CHROMIUM ? false : 'chromium is not installed: tools/install.sh test');

export class Browser {
  faults = [];
  #browser;

  static async start() {
    const out = new Browser();
    out.#browser = await chromium.launch({ executablePath: CHROMIUM, args: FLAGS });
    await mkdir(SCREENS, { recursive: true });
    return out;
  }

  /** @param {{address: string}} [gateway] whose page is opened; without it: an empty one */
  async page(gateway, { theme = 'light', width = 1280, height = 860, path = '/console/' } = {}) {
    const context = await this.#browser.newContext({ viewport: { width, height }, colorScheme: theme, reducedMotion: 'reduce', locale: 'en-GB' });
    context.setDefaultTimeout(8000);
    const page = await context.newPage();
    page.on('pageerror', (error) => this.faults.push(`threw: ${error.message}`));
    page.on('console', (line) => {
      if (line.type() === 'error' && !/Failed to load resource/.test(line.text())) this.faults.push(line.text());
    });
    if (INSTEAD) await instead(page, INSTEAD);
    if (gateway) await page.goto(gateway.address + path);
    return page;
  }

  /** A screenshot, and no serious fault by axe. */
  async look(page, name, { rules } = {}) {
    await page.screenshot({ path: join(SCREENS, `${name}.png`), fullPage: true });
    await this.no_serious_fault(page, name, rules);
  }

  /** `rules`: of axe; without them all. */
  async no_serious_fault(page, name, rules) {
    // Not by a script element: the policy of content would refuse it, as it should.
    if (!await page.evaluate(() => 'axe' in window)) await page.evaluate(AXE);
    const found = await page.evaluate((runOnly) => window.axe.run(document, { resultTypes: ['violations'], ...runOnly && { runOnly } }), rules);
    const serious = found.violations.filter(({ impact }) => impact === 'serious' || impact === 'critical')
      .map(({ id, nodes }) => `${id}: ${nodes.slice(0, 3).map(({ html, failureSummary }) => `${html.slice(0, 160)} (${failureSummary})`).join('; ')}`);
    assert.deepEqual(serious, [], `${name}: axe`);
  }

  async fits(page, name) {
    const wide = await page.evaluate(() => [document.documentElement.scrollWidth, window.innerWidth]);
    assert.ok(wide[0] <= wide[1], `${name}: the page is ${wide[0]} wide in a window of ${wide[1]}`);
  }

  no_faults() { assert.deepEqual(this.faults, [], 'pages threw, or violated the policy of content'); }

  async close() { await this.#browser.close(); }
}

/** Other files for the console than those in the program, with the headers of the program. */
async function instead(page, dist) {
  await page.route(/\/console\/(?!offered\.json)/, async (route) => {
    const name = new URL(route.request().url()).pathname.replace(/^\/console\//, '');
    const answer = await route.fetch().catch(() => undefined);
    if (!answer) return route.abort();
    const file = join(dist, extname(name) && existsSync(join(dist, name)) ? name : 'index.html');
    await route.fulfill({ status: 200, headers: { ...answer.headers(), 'content-type': TYPES[extname(file)] }, body: readFileSync(file) });
  });
}

/** An authenticator that says yes, without a passkey: {client, authenticator}. */
export async function empty_authenticator(page, { says_yes = true } = {}) {
  const client = await page.context().newCDPSession(page);
  await client.send('WebAuthn.enable');
  const { authenticatorId } = await client.send('WebAuthn.addVirtualAuthenticator', { options: { protocol: 'ctap2', transport: 'internal',
    hasResidentKey: true, hasUserVerification: true, isUserVerified: says_yes, automaticPresenceSimulation: true } });
  return { client, authenticator: authenticatorId };
}

/** An authenticator that says yes, with one passkey in it: {client, authenticator, credential, public_key}. */
export async function authenticator(page, { rp = 'localhost', user = 'ada', says_yes = true } = {}) {
  const { client, authenticator: authenticatorId } = await empty_authenticator(page, { says_yes });
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const id = Buffer.from(`passkey of ${user}`);
  await client.send('WebAuthn.addCredential', { authenticatorId, credential: { credentialId: id.toString('base64'), isResidentCredential: true, rpId: rp,
    privateKey: privateKey.export({ type: 'pkcs8', format: 'der' }).toString('base64'), userHandle: Buffer.from(user).toString('base64'), signCount: 1 } });
  return { client, authenticator: authenticatorId, credential: id.toString('base64url'), public_key: publicKey };
}
