// Parents that a token names and nobody here has are fetched from its issuer's domain, which may lie,
// be slow, say too much or lead elsewhere: then the graph stays partial, and nothing is allowed by it.

import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { Planner, body_of, call, claims_of, refused } from './support/planner.mjs';
import { ALLOW_ALL, Pawl, no_pawl } from './support/pawl.mjs';
import { NODE, start_until_json } from './support/process.mjs';

const WITNESS = fileURLToPath(new URL('crash/witness_server.mjs', import.meta.url));
const options = { skip: no_pawl(), timeout: 80_000 };
const planner = new Planner('https://planner.example');
const second = new Planner('https://second.example');

let folder;
let witness;
let domain;              // the planner's, as a server
let pawl;                // takes partial graphs
let strict;              // refuses them
const answers = new Map();  // path -> (response) => void
const asked = [];

const prepare = (parents) => Pawl.start({ init: true, servers: { w: { url: witness.ready.url } },
  agents: { a: {} }, rules: [ALLOW_ALL],
  config: { tokens: { parents, fetch_timeout_s: 1 },
            trusted_tokens: [planner, second].map(({ iss }, i) => ({ issuer: iss,
              jwks_file: join(folder, `${i}.json`),
              ...i === 0 ? { tokens_url: `${domain.url}/ect/{jti}` } : {} })) } });

before(async () => {
  if (no_pawl()) {
    return;
  }
  folder = await mkdtemp(join(tmpdir(), 'pawl-fetched-parents-'));
  witness = await start_until_json(NODE, [WITNESS, '--journal', join(folder, 'journal')]);
  await writeFile(join(folder, '0.json'), await planner.key_set());
  await writeFile(join(folder, '1.json'), await second.key_set());
  domain = createServer((request, response) => {
    asked.push(request.url);
    const answer = answers.get(request.url);
    if (answer === undefined) {
      response.writeHead(404).end();
    } else {
      answer(response);
    }
  });
  await new Promise((resolve) => { domain.listen(0, '127.0.0.1', resolve); });
  domain.url = `http://127.0.0.1:${domain.address().port}`;
  pawl = await prepare('partial');
  strict = await prepare('refuse');
});
after(async () => {
  await pawl?.close();
  await strict?.close();
  domain?.closeAllConnections();
  domain?.close();
  await witness?.stop();
  if (folder !== undefined) {
    await rm(folder, { recursive: true });
  }
});

const at = (id) => `/ect/${id}`;
const text = (said) => (response) => response.end(said);
/** A parent that its issuer gives out. */
const given_out = async (words) => {
  answers.set(at(words.jti), text(`${await planner.sign(words)}\n`));
  return words;
};
const child_of = (words, more = {}) => planner.sign(planner.words({ pred: [words.jti], ...more }));
const limits = async (gateway) => {
  const shown = await (await fetch(`${gateway.addresses.control}/metrics`)).text();
  return (name) => Number(new RegExp(`^pawl_limits_reached_total\\{limit="${name}"\\} (\\d+)`, 'm')
    .exec(shown)?.[1] ?? 0);
};

test('a parent and its parent are fetched, checked and kept', options, async () => {
  const root = await given_out(planner.words());
  const parent = await given_out(planner.words({ pred: [root.jti] }));
  const token = await child_of(parent);
  const answer = await call(strict, [token]);
  assert.equal(body_of(answer).graph, undefined);
  assert.equal(claims_of(answer).pred.length, 1, 'what was fetched is no cause of the call');
  await strict.kill();
  await strict.serve();
  const before_again = asked.length;
  claims_of(await call(strict, [await child_of(parent)]));
  assert.equal(asked.length, before_again, 'what is kept is not asked for');
  const shown = await strict.run(['ledger', 'show', root.jti, '--json', '--config', strict.config_file]);
  const { claims } = JSON.parse(shown.stdout);
  assert.equal(claims.ect_ext['pawl.token'].fetched, true);
});

for (const [lie, answer_for] of [
  ['another id', async (words) => text(await planner.sign({ ...words, jti: randomUUID() }))],
  ['another key', async (words) => {
    const thief = new Planner(planner.iss);
    thief.kid = planner.kid;
    return text(await thief.sign(words));
  }],
  ['an expired one', async (words) => text(await planner.sign({ ...words, iat: words.iat - 600,
                                                                 exp: words.iat - 300 }))],
  ['an unsigned one', async (words) => text(Buffer.from(JSON.stringify(words)).toString('base64url'))],
  ['no token', async () => text('<html>')],
  ['nothing', async () => text('')],
  ['an error', async () => (response) => response.writeHead(500).end('x')],
  ['a cut connection', async () => (response) => response.destroy()],
]) {
  test(`an issuer's domain that answers with ${lie} leaves the graph partial`, options, async () => {
    const words = planner.words();
    answers.set(at(words.jti), await answer_for(words));
    const answer = await call(pawl, [await child_of(words)]);
    assert.equal(body_of(answer).graph, 'partial');
    assert.deepEqual(body_of(answer).missing_parents, [words.jti]);
    refused(await call(strict, [await child_of(words)]), 'parent-unknown', /parent_unknown/);
  });
}

test('control: fetched-token', options, async () => {
  const words = second.words();
  answers.set(at(words.jti), text(await second.sign(words)));
  const answer = await call(pawl, [await child_of(words)]);
  assert.equal(body_of(answer).graph, 'partial', 'the planner does not speak for another issuer');
  refused(await call(strict, [await child_of(words)]), 'parent-unknown', /parent_unknown/);
});

test('a redirect is not followed', options, async () => {
  const words = planner.words();
  answers.set('/elsewhere', text(await planner.sign(words)));
  answers.set(at(words.jti), (response) => response.writeHead(302, { location: '/elsewhere' }).end());
  assert.equal(body_of(await call(pawl, [await child_of(words)])).graph, 'partial');
  assert.ok(!asked.includes('/elsewhere'));
});

test('an answer that is too large is cut off', options, async () => {
  const words = planner.words();
  answers.set(at(words.jti), (response) => {
    response.on('error', () => {});
    response.end(Buffer.alloc(1 << 20, 'x'));
  });
  assert.equal(body_of(await call(pawl, [await child_of(words)])).graph, 'partial');
  assert.ok((await limits(pawl))('token_fetch_bytes') >= 1);
});

// One that never answers costs a call the deadline, and other calls nothing.
test('a domain that is silent is not waited for', options, async () => {
  const words = planner.words();
  let asked_for = () => {};
  const silence = new Promise((resolve) => { asked_for = resolve; });
  answers.set(at(words.jti), () => { asked_for(); });
  const waiting = call(pawl, [await child_of(words)]);
  await silence;
  claims_of(await call(pawl));
  const status = await pawl.json('status');
  assert.equal(status.open_calls, 1, 'the other is answered, this one waits');
  const answer = await waiting;
  assert.equal(body_of(answer).graph, 'partial');
  assert.ok((await limits(pawl))('token_fetch_timeout_s') >= 1);
  // And it is not asked again at once.
  const before_again = asked.length;
  assert.equal(body_of(await call(pawl, [await child_of(words)])).graph, 'partial');
  assert.equal(asked.length, before_again);
  assert.ok((await limits(pawl))('token_fetch_again') >= 1);
});

test('sixteen of one call are fetched', options, async () => {
  let words = await given_out(planner.words());
  for (let i = 0; i < 20; ++i) {
    words = await given_out(planner.words({ pred: [words.jti] }));
  }
  const before_call = asked.length;
  const answer = await call(pawl, [await child_of(words)]);
  assert.equal(body_of(answer).graph, 'partial');
  assert.equal(asked.length, before_call + 16);
  assert.ok((await limits(pawl))('token_fetch_parents') >= 1);
});

test('tokens come from https or this machine', options, async () => {
  for (const [url, reason] of [['http://planner.example/{jti}', /tokens URL .*expected https/],
                               ['https://planner.example/', /expected \{jti\}/]]) {
    const file = join(pawl.folder, `${randomUUID()}.yaml`);
    await writeFile(file, JSON.stringify({ data: pawl.data, domain: 'example.org',
      trusted_tokens: [{ issuer: planner.iss, jwks_file: join(folder, '0.json'), tokens_url: url }] }));
    const { code, stderr } = await pawl.run(['config', 'check', '--config', file]);
    assert.notEqual(code, 0);
    assert.match(stderr, reason);
  }
});
