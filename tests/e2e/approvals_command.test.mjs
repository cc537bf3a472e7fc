// People decide on held calls with `pawl approvals` and `pawl operators`, and both verifiers check
// offline what they decided: the official client waits, an approver sees exactly what is asked, and a
// gateway that has all its own keys cannot do it for them.

import assert from 'node:assert/strict';
import { generateKeyPairSync, randomUUID } from 'node:crypto';
import { cpSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { modern_client } from './support/clients.mjs';
import { Pawl, no_pawl } from './support/pawl.mjs';
import { start_reference } from './support/reference.mjs';
import { wait_for } from './support/wait.mjs';
import { Thief, decode_jws, entries_of, read_log, sign_jws } from './verify/forge.mjs';
import { KINDS } from './verify/independent/frame.mjs';
import { verify } from './verify/independent/verify.mjs';

const RULES = [
  { id: 'never', when: { tool: 'probe_echo', arguments: { to: { equals: 'mallory' } } },
    then: 'deny', reason: 'mallory is not paid' },
  { id: 'two-people', when: { tool: 'probe_echo', arguments: { of: { equals: 2 } } },
    then: { hold: { roles: ['approver'], of: 2 } }, reason: 'two people decide' },
  { id: 'ask', when: { tool: 'probe_echo' }, then: { hold: { roles: ['approver'] } },
    reason: 'a person decides' },
  { id: 'cards', when: { tool: 'probe_echo', arguments: { card: { exists: true } } },
    then: { allow: { redact: [{ matches: '[0-9]{16}' }], limit: { seconds: 30 } } } },
  { id: 'all', when: { agent: '**' }, then: 'allow', reason: 'test' },
];
const options = { skip: no_pawl(), timeout: 90_000 };
let reference;
let pawl;
let client;

before(async () => {
  if (no_pawl()) {
    return;
  }
  reference = await start_reference('modern');
  pawl = await Pawl.start({ init: true, agents: { a: {} }, rules: RULES,
    servers: { s: { url: reference.url } } });
  client = await modern_client({ url: pawl.mcp_url('s'), key: pawl.keys.a });
});
after(async () => {
  await client?.close();
  await pawl?.close();
  await reference?.stop('SIGKILL');
});

const command = (...args) => pawl.run([...args, '--config', pawl.config_file]);
async function done(...args) {
  const { code, stdout, stderr } = await command(...args);
  assert.equal(code, 0, `${args.join(' ')}: ${stderr}${stdout}`);
  return stdout;
}
async function refused(expected, why, ...args) {
  const { code, stderr } = await command(...args);
  assert.equal(code, expected, `${args.join(' ')}: ${stderr}`);
  assert.match(stderr, why);
}
const own_key = () => join(pawl.data, 'operator.pem');

/** A key pair as files. @returns {Promise<{key: string, pub: string}>} their paths */
async function key_files(name) {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const paths = { key: join(pawl.folder, `${name}.pem`), pub: join(pawl.folder, `${name}.pub`) };
  await writeFile(paths.key, privateKey.export({ type: 'pkcs8', format: 'pem' }), { mode: 0o600 });
  await writeFile(paths.pub, publicKey.export({ type: 'spki', format: 'pem' }));
  return paths;
}

const pending = async () =>
  (await pawl.json('approvals', 'list')).approvals.filter(({ phase }) => phase === 'pending');

/** A call that waits. @returns {Promise<{id: string, answer: Promise<object>}>} */
async function held_call(args) {
  const before_it = new Set((await pending()).map(({ id }) => id));
  const answer = client.callTool({ name: 'probe_echo', arguments: args });
  answer.catch(() => {});
  const id = await wait_for('a call that waits for people', async () =>
    (await pending()).find((one) => !before_it.has(one.id))?.id);
  return { id, answer };
}

test('nobody is enrolled at first, and each command says what to do', options, async () => {
  assert.match(await done('operators', 'list'), /nobody is enrolled yet: pawl operators enroll/);
  assert.match(await done('approvals', 'list'), /no call waits for people/);
  await refused(2, /operators enroll\s+NAME --bootstrap/, 'approvals', 'approve', randomUUID());
  await refused(2, /--roles/, 'operators', 'enroll', 'bob', '--key', own_key());
  await refused(2, /whose key/, 'operators', 'enroll', 'bob', '--roles', 'approver');
  await refused(2, /--bootstrap/, 'operators', 'enroll', 'bob', '--roles', 'approver', '--key', own_key());
});

test('the first operator enrolls with a key of their own, others by an admin', options, async () => {
  await done('operators', 'enroll', 'ada', '--bootstrap', '--roles', 'approver', '--key', own_key());
  await refused(1, /enrolled already/, 'operators', 'enroll', 'eve', '--bootstrap', '--key', own_key());
  const bob = await key_files('bob');
  await refused(2, /is not enrolled; an admin/, 'operators', 'enroll', 'eve', '--roles', 'approver',
    '--public-key', bob.pub, '--by-key', bob.key);
  await done('operators', 'enroll', 'bob', '--roles', 'approver', '--public-key', bob.pub);
  await refused(1, /no admin/, 'operators', 'enroll', 'eve', '--roles', 'approver',
    '--public-key', bob.pub, '--by-key', bob.key);
  const { operators } = await pawl.json('operators', 'list');
  assert.deepEqual(operators.map(({ operator, roles }) => [operator, roles.join()]),
    [['ada', 'admin,approver'], ['bob', 'approver']]);
  await done('trust', 'pin', '-o', join(pawl.folder, 'early.trust'));
});

test('an approval lets exactly this call through', options, async () => {
  const { id, answer } = await held_call({ x: 1 });
  const shown = await done('approvals', 'show', id);
  for (const said of ['pending, 1 more person has to agree', '/arguments/x 1', 'probe_echo',
    '{"name":"probe_echo","arguments":{"x":1}}', '1 of approver']) {
    assert.ok(shown.includes(said), `${said}:\n${shown}`);
  }
  assert.equal((await pawl.json('approvals', 'show', id.slice(-8))).arguments_match, true);
  const said = await done('approvals', 'approve', id);
  assert.match(said, /you sign +approve, 1 use until/);
  assert.match(said, /as +ada \(approver\), with key/);
  assert.match(said, /outcome +approved/);
  const result = await answer;
  assert.notEqual(result.isError, true);
  assert.deepEqual(JSON.parse(result.content[0].text).arguments, { x: 1 });
  await refused(1, /already/, 'approvals', 'approve', id);
  const record = result._meta['pawl.record/id'];
  const why = await done('why', record);
  assert.match(why, new RegExp(`approval +${id}\\n`));
  assert.match(why, /approved by +ada \(approver\), 20\d\d-\S+Z \(record [\w-]{36}\)\n/);
  const { approval } = await pawl.json('why', record);
  assert.equal(approval.id, id);
  assert.deepEqual(approval.by.map(({ operator, role, changed }) => [operator, role, changed]),
    [['ada', 'approver', false]]);
  const ended = await wait_for('its arguments to be erased', async () => {
    const text = await done('approvals', 'show', id);
    return text.includes('erased, because it has ended') ? text : undefined;
  });
  assert.doesNotMatch(ended, /WARNING/);
});

test('what people decided is found by the agent, and comes from what was asked', options, async () => {
  const lines = async (...args) => (await done(...args, '--json')).trim().split('\n').map((line) => JSON.parse(line));
  const [asked] = await lines('ledger', 'query', '--kind', 'approval.requested');
  const [decided] = await lines('ledger', 'query', '--agent', asked.agent, '--kind', 'approval.decided');
  const [delivered] = await wait_for('its delivery', async () => {
    const found = await done('ledger', 'query', '--tool', 'probe_echo', '--kind', 'approval.delivered', '--json');
    return found === '' ? undefined : found.trim().split('\n').map((line) => JSON.parse(line));
  });
  assert.equal(decided.server, 's');
  assert.equal(decided.tool, 'probe_echo');
  const behind = await lines('ledger', 'chain', asked.id, '--descendants');
  const tied = behind.filter(({ kind }) => kind.startsWith('approval.'));
  assert.deepEqual(tied.map(({ id }) => id).sort(), [asked.id, decided.id, delivered.id].sort());
  for (const { id, causes } of tied.filter((one) => one.id !== asked.id)) {
    assert.deepEqual(causes, [{ record: asked.id, basis: 'declared' }], id);
  }
  const workflow = await done('ledger', 'chain', asked.workflow);
  assert.match(workflow, new RegExp(`${decided.id} +approval\\.decided +- +\\d+ declared`));
});

test('a denial refuses it', options, async () => {
  const { id, answer } = await held_call({ x: 2 });
  assert.match(await done('approvals', 'deny', id), /outcome +denied/);
  const result = await answer;
  assert.equal(result.isError, true);
  assert.match(JSON.stringify(result), /denied by ada/);
});

test('two people, each with a key of their own', options, async () => {
  const { id, answer } = await held_call({ of: 2 });
  assert.match(await done('approvals', 'approve', id), /1 more person has to agree/);
  await refused(1, /already/, 'approvals', 'approve', id);
  await refused(1, /the key of bob, not of ada/, 'approvals', 'approve', id, '--operator', 'ada',
    '--key', join(pawl.folder, 'bob.pem'));
  await refused(1, /does not have the role admin/, 'approvals', 'approve', id, '--role', 'admin',
    '--key', join(pawl.folder, 'bob.pem'));
  await refused(2, /uses: the rule permits/, 'approvals', 'approve', id, '--uses', '2',
    '--key', join(pawl.folder, 'bob.pem'));
  assert.match(await done('approvals', 'approve', id, '--key', join(pawl.folder, 'bob.pem')),
    /outcome +(approved|spent)/);
  assert.notEqual((await answer).isError, true);
});

test('one changes the arguments, the next one looks and signs the same', options, async () => {
  const { id, answer } = await held_call({ of: 2, to: 'acme' });
  const file = join(pawl.folder, 'changed.json');
  await writeFile(file, '{"of": 2, "to": "mallory"}');
  await refused(1, /may not go on with these arguments: rule "never" denies it: mallory is not paid\. The statement does not count/,
    'approvals', 'approve', id, '--arguments', file);
  await writeFile(file, '{"to": "one person would do"}');
  await refused(1, /it is held for approval by rule "ask" \(a person decides\), on other terms \(1 of approver within 900 s\)/,
    'approvals', 'approve', id, '--arguments', file);
  assert.doesNotMatch(await done('approvals', 'show', id), /decided/);
  await writeFile(file, '{"of": 2, "to": "nobody"}\n');
  const said = await done('approvals', 'approve', id, '--arguments', file);
  assert.match(said, /you change\s+\| \/arguments\/to "acme" -> "nobody"/);
  assert.match(said, /1 more person has to agree/);
  const bob = ['--key', join(pawl.folder, 'bob.pem')];
  const shown = await done('approvals', 'show', id);
  assert.match(shown, /put these in their place:\s+\| \/arguments\/to "acme" -> "nobody"/);
  await writeFile(file, '["of"]');
  await refused(2, /expected a JSON object/, 'approvals', 'approve', id, '--arguments', file, ...bob);
  await writeFile(file, '{"of":2,"to":"acme"}');
  await refused(2, /nothing is changed/, 'approvals', 'approve', id, '--arguments', file, ...bob);
  assert.match(await done('approvals', 'approve', id, '--as-changed', ...bob), /outcome +(approved|spent)/);
  const result = await answer;
  assert.equal(JSON.parse(result.content[0].text).arguments.to, 'nobody');
  assert.match(result.content[1].text, /A person changed this call before it ran/);
  const why = await done('why', result._meta['pawl.record/id']);
  for (const person of ['ada', 'bob']) {
    assert.match(why, new RegExp(
      `approved by +${person} \\(approver\\), \\S+, with arguments that a person changed`));
  }
  const other = await held_call({ x: 7 });
  await refused(2, /nobody approved it with other arguments/, 'approvals', 'approve', other.id,
    '--as-changed');
  await done('approvals', 'deny', other.id);
  await other.answer;
});

test('who decides is told what the call would be obliged to', options, async () => {
  const { id, answer } = await held_call({ of: 2, card: '4111111111111111' });
  const shown = await done('approvals', 'show', id);
  assert.match(shown, /^obliged to\s+\| 1 pattern is taken out of the answer; at most 30 s \(cards\)$/m);
  const explained = await pawl.json('rules', 'explain', '--agent', 'a', '--server', 's', '--tool', 'probe_echo',
    '--arguments', '{"of":2,"card":"4111111111111111"}');
  assert.equal((await pawl.json('approvals', 'show', id)).obliged, explained.obliged, 'in the same words');
  const file = join(pawl.folder, 'no_card.json');
  await writeFile(file, '{"of":2}');
  await done('approvals', 'approve', id, '--arguments', file);
  assert.doesNotMatch(await done('approvals', 'show', id), /obliged/, 'what goes out now has no card');
  await done('approvals', 'approve', id, '--as-asked', '--key', join(pawl.folder, 'bob.pem'));
  assert.match(await done('approvals', 'approve', id, '--as-asked'), /outcome +(approved|spent)/);
  assert.doesNotMatch(JSON.stringify(await answer), /4111111111111111/);
});

// regression: the second one signed the original without a word, and the change of the first was gone
test('who comes after a change says which arguments are meant, and joins what was granted', options, async () => {
  const { id, answer } = await held_call({ of: 2, to: 'first' });
  const file = join(pawl.folder, 'other.json');
  await writeFile(file, JSON.stringify({ of: 2, to: 'other' }));
  await done('approvals', 'approve', id, '--arguments', file);
  const bob = join(pawl.folder, 'bob.pem');
  await refused(2, /--as-changed signs the same; --as-asked signs what was asked for/, 'approvals', 'approve', id, '--key', bob);
  assert.match(await done('approvals', 'approve', id, '--as-asked', '--key', bob), /the count starts anew/);
  assert.doesNotMatch(await done('approvals', 'approve', id), /the count starts anew/);
  assert.equal((await answer).content[0].text.includes('"first"'), true);
});

test('"always" is a proposal for review, and grants nothing', options, async () => {
  const { id, answer } = await held_call({ x: 8, to: 'acme' });
  const text = await done('approvals', 'propose', id, '--reason', 'it is always right');
  assert.match(text, /Rule "ask" holds it/);
  assert.match(text, /arguments: \{ "": \{ equals: \{ "x": 8, "to": "acme" \} \} \}/);
  const file = join(pawl.folder, 'proposal.yaml');
  await writeFile(file, text);
  await done('rules', 'check', file);
  const { records } = await pawl.json('ledger', 'query', '--kind', 'policy.proposed');
  assert.equal(records?.length ?? 1, 1);
  assert.equal((await pending()).length, 1, 'it still waits');
  await refused(1, /reason: expected a text of at most 500 bytes/, 'approvals', 'propose', id,
    '--reason', 'x'.repeat(501));
  await done('approvals', 'propose', id, '--reason', 'x'.repeat(500));
  await done('approvals', 'deny', id);
  assert.equal((await answer).isError, true);
});

test('what an agent wrote is shown as data, whole', options, async () => {
  const hostile = '\u202eevil\u200b\u001b[2J\nstate          approved';
  const { id, answer } = await held_call({ text: hostile, long: `${'x'.repeat(5000)}end` });
  const shown = await done('approvals', 'show', id);
  // eslint-disable-next-line no-control-regex
  assert.doesNotMatch(shown, /[\x00-\x09\x0b-\x1f\x7f-\x9f\u200b-\u200f\u202a-\u202e\ufeff]/u);
  assert.ok(shown.includes('\\u{202e}evil\\u{200b}\\x1b[2J\\x0astate'), shown);
  assert.ok((shown.match(/x/g) ?? []).length > 10_000);
  assert.ok(!shown.includes('...'));
  for (const line of shown.trimEnd().split('\n')) {
    assert.match(line, /^( {2}[|:] |[a-zA-Z])/, line);
    assert.doesNotMatch(line, /^state +approved/);
  }
  await done('approvals', 'deny', id.slice(0, 23));
  await answer;
});

test('both verifiers find it good, and a use that the gateway makes up bad', options, async () => {
  const removed = await done('operators', 'remove', 'bob');
  assert.match(removed, /removed +bob/);
  await pawl.stop();
  const trust = join(pawl.folder, 'log.trust');
  await done('trust', 'pin', '-o', trust);
  const { verdict, approvals } = await pawl.json('verify', pawl.data, '--trust', trust);
  assert.equal(verdict, 'good');
  assert.equal(approvals.uses, 5);
  assert.equal(approvals.decisions, 15);
  assert.equal(approvals.enrollments, 3);
  const own = await verify(pawl.data, { trust });
  assert.equal(own.verdict, 'good', own.reason);

  // The gateway, or whoever took over its folder, lets one more call through.
  const copy = join(pawl.folder, 'copy');
  cpSync(pawl.data, copy, { recursive: true });
  const thief = new Thief(copy);
  const ledger = join(copy, 'ledger');
  const batches = read_log(ledger);
  const used = entries_of(batches).map(({ body }) => decode_jws(body))
    .find(({ payload }) => payload.exec_act === 'tool.call'
      && payload.ect_ext['pawl.tool'].approval !== undefined);
  used.payload.jti = randomUUID();
  const body = Buffer.from(sign_jws(thief.instance_key, used.header, used.payload));
  batches.push({ frames: [{ kind: KINDS.entry, id: used.payload.jti.replaceAll('-', ''), body }] });
  thief.write_log(ledger, batches);
  const { code, stdout } = await command('verify', copy, '--trust', trust);
  assert.equal(code, 1, stdout);
  assert.match(stdout, /not what people approved: .*use 1 of approval .* was spent by record/);
  const found = await verify(copy, { trust });
  assert.equal(found.verdict, 'bad');
  assert.match(found.reason, /use 1 was spent/);
});

// Each of these is in the place of what the gateway recorded of a decision.
const OTHERS = [['agent', (payload) => { payload.ect_ext['pawl.approval'].agent = 'b'; }],
  ['tool', (payload) => { payload.ect_ext['pawl.approval'].tool = 'probe_sleep'; }],
  ['pred', (payload, first) => { payload.pred = [first]; }],
  ['wid', (payload) => { payload.wid = randomUUID(); }]];

for (const [name, change] of OTHERS) {
  test(`both verifiers find a decision bad that is told of another call: ${name}`, options, async () => {
    const trust = join(pawl.folder, 'early.trust');
    const copy = join(pawl.folder, `other-${name}`);
    cpSync(pawl.data, copy, { recursive: true });
    const thief = new Thief(copy);
    const ledger = join(copy, 'ledger');
    const batches = read_log(ledger);
    const frame = entries_of(batches).find(({ body }) => decode_jws(body).payload.exec_act === 'approval.decided');
    const { header, payload } = decode_jws(frame.body);
    change(payload, decode_jws(entries_of(batches)[0].body).payload.jti);
    frame.body = Buffer.from(sign_jws(thief.instance_key, header, payload));
    thief.write_log(ledger, batches);
    const { code, stdout } = await command('verify', copy, '--trust', trust);
    assert.equal(code, 1, stdout);
    assert.match(stdout, new RegExp(`it names another call than approval .*: ${name} differs`));
    const found = await verify(copy, { trust });
    assert.equal(found.verdict, 'bad');
    assert.match(found.reason, new RegExp(`it names another call: ${name} differs`));
  });
}

// regression: one of two true signatures was enough, where the gateway's own record says `of: 1`
test('both verifiers find it bad that fewer people were asked than those who signed say', options, async () => {
  const trust = join(pawl.folder, 'early.trust');
  assert.equal((await verify(pawl.data, { trust })).verdict, 'good');
  const copy = join(pawl.folder, 'lowered');
  cpSync(pawl.data, copy, { recursive: true });
  const thief = new Thief(copy);
  const ledger = join(copy, 'ledger');
  const batches = read_log(ledger);
  let asked;
  for (const frame of entries_of(batches)) {
    const { header, payload } = decode_jws(frame.body);
    const body = payload.ect_ext?.['pawl.approval'];
    if (payload.exec_act === 'approval.requested' && body.terms?.of === 2) {
      asked = body.approval;
      body.terms.of = 1;
      frame.body = Buffer.from(sign_jws(thief.instance_key, header, payload));
    }
  }
  assert.ok(asked, 'two people were asked');
  thief.write_log(ledger, batches);
  const { code, stdout } = await command('verify', copy, '--trust', trust);
  assert.equal(code, 1, stdout);
  assert.match(stdout, /terms_digest: made on other terms/);
  const found = await verify(copy, { trust });
  assert.equal(found.verdict, 'bad');
  assert.match(found.reason, /terms_digest: made for another one/);
});
