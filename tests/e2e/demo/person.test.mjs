// The demo as somebody at a terminal meets it. In the browser: tests/console/demo.test.mjs.

import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { at_terminal } from '../support/at_terminal.mjs';
import { PAWL_BIN, no_pawl } from '../support/pawl.mjs';
import { NODE } from '../support/process.mjs';
import { Browser, Key } from '../support/signed_in.mjs';

const STORY = fileURLToPath(new URL('story.mjs', import.meta.url));
const options = { skip: no_pawl(), timeout: 120_000 };
let folder;

before(async () => { folder = await mkdtemp(join(tmpdir(), 'pawl-person-')); });
after(async () => { await rm(folder, { recursive: true }); });

function tell(context, name, ...more) {
  const place = join(folder, name);
  const shown = at_terminal(NODE, [STORY, '--folder', place, ...more], { env: { PAWL_BIN } });
  context.after(shown.kill);
  return { place, shown, ticket: async () => JSON.parse(await readFile(join(place, 'tickets.json'),
    'utf8'))[0].state };
}

test('who approves by the command that is shown goes on with the story', options, async (context) => {
  const { place, shown, ticket } = tell(context, 'command');
  const [, program, ...words] = await shown.see(/^ +\$ (\/\S+) (approvals) (approve) (\S{36})$/m);
  await shown.see(/one-time code {2}\d{6}/);
  assert.equal((await stat(join(place, 'password.txt'))).mode & 0o777, 0o600);
  await promisify(execFile)(program, words, { cwd: place });
  assert.equal(await shown.exit, 0, shown.text());
  assert.match(shown.text(), /ann \(approver\) approved 1 use/);
  assert.match(shown.text(), /PROVEN GOOD/);
  assert.equal(await ticket(), 'closed');
});

test('a passkey that is made is enrolled, and said to be', options, async (context) => {
  const { place, shown } = tell(context, 'passkey');
  const [, address] = await shown.see(/^ +(http:\/\/localhost:\d+)\/console\/$/m);
  const [, password] = await shown.see(/\$ cat password\.txt\s+(\S+)/);
  const [, code] = await shown.see(/one-time code {2}(\d{6})/);
  const browser = new Browser(address);
  assert.equal((await browser.sign_in({ user: 'bob', password, code })).status, 200);
  const ask = (path, body = {}) => browser.ask('POST', `/api/v1/session/${path}`, { body });
  const { challenge } = (await ask('challenge')).json;
  assert.equal((await ask('passkeys', new Key(address).register(challenge))).status, 200);
  const [, kid] = await shown.see(/operators enroll bob --roles approver --passkey (\S{43})/);
  await shown.see(/The page notices/);
  const { operator } = (await browser.ask('GET', '/api/v1/session')).json;
  assert.deepEqual(operator.keys.map((key) => key.kid), [kid]);
  const { stdout } = await promisify(execFile)(PAWL_BIN, ['approvals', 'list', '--json'],
    { cwd: place });
  await promisify(execFile)(PAWL_BIN, ['approvals', 'deny', JSON.parse(stdout).approvals[0].id],
    { cwd: place });
  assert.equal(await shown.exit, 0, shown.text());
});

test('when nobody comes the call is denied, and the story goes on', options, async (context) => {
  const { shown, ticket } = tell(context, 'nobody', '--wait-s', '1');
  assert.equal(await shown.exit, 0, shown.text());
  assert.match(shown.text(), /Nobody decided in time/);
  assert.match(shown.text(), /refused +Pawl refused this call, .*held for approval/);
  assert.match(shown.text(), /The ticket stays open/);
  assert.match(shown.text(), /PROVEN GOOD/);
  assert.equal(await ticket(), 'open');
});

test('an agent that is told to come again comes again, and is shown to wait once', options,
  async (context) => {
    const { shown } = tell(context, 'again', '--patience-s', '1', '--wait-s', '5');
    assert.equal(await shown.exit, 0, shown.text());
    assert.equal(shown.text().match(/^ +waits +\S/gm).length, 1, shown.text());
    assert.match(shown.text(), /^ +refused +Pawl refused this call, .*held for approval/m);
  });

test('--headless asks nobody at a terminal either', options, async (context) => {
  const { shown, ticket } = tell(context, 'headless', '--headless');
  assert.equal(await shown.exit, 0, shown.text());
  assert.doesNotMatch(shown.text(), /one-time code/);
  assert.equal(await ticket(), 'closed');
});
