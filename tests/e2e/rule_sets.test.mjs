// Sets of rules that a person signed: what takes force, what stays, what a restart goes on with; and a
// changed set over the ledger that the one before decided.

import assert from 'node:assert/strict';
import { createPrivateKey, sign } from 'node:crypto';
import { readFile, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { decodeJwt } from 'jose';
import { RawAgent } from './crash/raw_agent.mjs';
import { legacy_client, modern_client } from './support/clients.mjs';
import { Pawl, no_pawl } from './support/pawl.mjs';
import { decide, enroll, pending } from './support/people.mjs';
import { PlayedServer } from './support/played_server.mjs';
import { start_reference } from './support/reference.mjs';
import { wait_for } from './support/wait.mjs';

const options = { skip: no_pawl(), timeout: 120_000 };
const SIGNED = { preset: 'standard', rule_signatures: 'required' };
const set_of = (version) => ({ name: 'desk', owner: 'ops@example.org', version });
const allow = (tool, more = {}) => ({ id: `allow-${tool === '**' ? 'all' : tool}`, when: { tool, ...more }, then: 'allow' });
const deny = (tool, more = {}) =>
  ({ id: `deny-${tool === '**' ? 'all' : tool}`, when: { tool, ...more }, then: 'deny', reason: `no ${tool}` });

const put_set = (pawl, version, rules, file = pawl.rules_file) =>
  writeFile(file, `${JSON.stringify({ set: set_of(version), rules }, undefined, 2)}\n`);
const command = (pawl, ...args) => pawl.run([...args, '--config', pawl.config_file]);
const rules_of = async (pawl) => (await pawl.json('status')).rules;

async function sign_set(pawl, ...args) {
  const { code, stdout, stderr } = await command(pawl, 'rules', 'sign', ...args);
  assert.equal(code, 0, stderr + stdout);
  return stdout;
}

/** Reloads, and waits until the status says what is expected. */
async function reload(pawl, what, fits) {
  process.kill(pawl.pid, 'SIGHUP');
  return wait_for(what, async () => {
    const rules = await rules_of(pawl);
    return fits(rules) ? rules : undefined;
  });
}

async function prepare(rules, more = {}) {
  const pawl = await Pawl.prepare({ agents: { a: { groups: ['desk'] } }, ...more,
                                    config: { ...SIGNED, ...more.config } });
  await put_set(pawl, 1, rules);
  const { code, stderr } = await command(pawl, 'init', '--operator', 'ann');
  assert.equal(code, 0, stderr);
  return pawl;
}

test('init signs the first set, and an unsigned one never takes its place', options, async () => {
  const pawl = await prepare([allow('probe_echo')]);
  try {
    await pawl.serve();
    const first = await rules_of(pawl);
    assert.deepEqual(first.set, set_of(1));
    assert.equal(first.signed, true);
    assert.equal(first.signed_by, 'ann');
    assert.equal((await pawl.json('status')).troubles.length, 0);
    assert.match((await command(pawl, 'status')).stdout, /desk\/1 of ops@example\.org, signed by ann/);

    await put_set(pawl, 2, [allow('**')]);
    const held = await reload(pawl, 'the trouble', ({ reload_error }) => reload_error !== '');
    assert.equal(held.digest, first.digest);
    assert.match(held.reload_error, /after they were signed|signature is of set/);
    assert.match(held.reload_error, /pawl rules sign --config/);
    const trouble = (await pawl.json('status')).troubles.find(({ id }) => id === 'rules_not_reloaded');
    assert.match(trouble.do, /pawl rules sign/);

    await pawl.stop();
    await rm(`${pawl.rules_file}.sig`);
    await pawl.serve();
    const still = await rules_of(pawl);
    assert.equal(still.digest, first.digest, 'a restart goes on with the signed set');
    assert.match(still.reload_error, /no signature/);

    assert.match(await sign_set(pawl), new RegExp(`follows ${first.digest}`));
    const second = await reload(pawl, 'the second set', ({ set }) => set.version === 2);
    assert.equal(second.reload_error, '');
    assert.notEqual(second.digest, first.digest);

    await put_set(pawl, 2, [deny('**')]);
    const again = await command(pawl, 'rules', 'sign');
    assert.equal(again.code, 1);
    assert.match(again.stderr, /does not rise above version 2.*set it to 3/);
  } finally {
    await pawl.close();
  }
});

test('a service that runs as another user could not read the signature', options, async () => {
  const pawl = await prepare([allow('probe_echo')]);
  const mode = async () => ((await stat(`${pawl.rules_file}.sig`)).mode & 0o777).toString(8);
  try {
    assert.equal(await mode(), '644', 'that init made');
    await put_set(pawl, 2, [allow('**')]);
    const umask = process.umask(0o077);
    try {
      await sign_set(pawl);
    } finally {
      process.umask(umask);
    }
    assert.equal(await mode(), '644');
    assert.deepEqual((await readdir(pawl.folder)).filter((name) => /\.(new|tmp)$/.test(name)), []);
  } finally {
    await pawl.close();
  }
});

test('a first start without a signed set is refused, and told what to do', options, async () => {
  const pawl = await Pawl.prepare({ config: SIGNED, rules: [allow('**')] });
  try {
    const bare = await command(pawl, 'serve');
    assert.equal(bare.code, 2, bare.stderr);
    assert.match(bare.stderr, /no signature.*set: \{ name: main.*pawl rules sign/);
    await put_set(pawl, 1, [allow('**')]);
    assert.match((await command(pawl, 'serve')).stderr, /pawl rules sign --config/);
    assert.equal((await command(pawl, 'rules', 'sign')).code, 2, 'nobody has a key yet');
    assert.equal((await command(pawl, 'init')).code, 0);
    await pawl.serve();
    assert.equal((await rules_of(pawl)).signed, true);
  } finally {
    await pawl.close();
  }
});

test('the statement in the record is what the person signed', options, async () => {
  const pawl = await prepare([allow('probe_echo')]);
  try {
    await pawl.serve();
    const { rules } = await pawl.json('status');
    const [row] = (await command(pawl, 'ledger', 'query', '--kind', 'policy.activated', '--json'))
      .stdout.trim().split('\n').map((line) => JSON.parse(line));
    assert.match(row.says, /1 rule in force, desk\/1 of ops@example\.org, signed by ann/);
    const { claims } = await pawl.json('ledger', 'show', row.id);
    const body = claims.ect_ext['pawl.policy'];
    assert.deepEqual(body.set, set_of(1));
    assert.equal(body.digest, rules.digest);
    const [header, payload] = body.statement.split('.').slice(0, 2)
      .map((part) => JSON.parse(Buffer.from(part, 'base64url')));
    assert.equal(header.typ, 'policy+jwt');
    assert.equal(header.kid, body.kid);
    assert.equal(payload.aud, 'spiffe://example.org/pawl/gw1');
    assert.deepEqual(payload.set, { ...set_of(1), digest: rules.digest, before: '' });

    const trust = join(pawl.folder, 'trust');
    await writeFile(trust, (await command(pawl, 'trust', 'pin', '--print')).stdout);
    const verified = await command(pawl, 'verify', pawl.data, '--trust', trust, '--json');
    assert.equal(verified.code, 0, verified.stderr + verified.stdout);
  } finally {
    await pawl.close();
  }
});

test('a signature by a key that nobody enrolled lets nothing take force', options, async () => {
  const pawl = await prepare([allow('probe_echo')]);
  try {
    await pawl.serve();
    const before = await rules_of(pawl);
    await put_set(pawl, 2, [allow('**')]);
    const thief = join(pawl.folder, 'thief.pem');
    const other = await Pawl.prepare({});
    assert.equal((await other.run(['init', '--config', other.config_file, '--key-file', thief])).code, 0);
    await other.close();
    assert.match(await sign_set(pawl, '--key', thief), /warning: no operator with this key/);
    const held = await reload(pawl, 'the refusal', ({ reload_error }) => reload_error !== '');
    assert.match(held.reload_error, /no operator with this key is enrolled/);
    // The payload of somebody else's good signature, under the thief's.
    const [header, , ] = (await readFile(`${pawl.rules_file}.sig`, 'utf8')).trim().split('.');
    await sign_set(pawl);
    const [good, payload] = (await readFile(`${pawl.rules_file}.sig`, 'utf8')).trim().split('.');
    assert.notEqual(header, good);
    const key = createPrivateKey(await readFile(thief));
    const forged = sign('sha256', `${good}.${payload}`, { key, dsaEncoding: 'ieee-p1363' });
    await writeFile(`${pawl.rules_file}.sig`, `${good}.${payload}.${forged.toString('base64url')}\n`);
    process.kill(pawl.pid, 'SIGHUP');
    const second = await wait_for('the second refusal', async () => {
      const now = await rules_of(pawl);
      return /enrolled/.test(now.reload_error) ? undefined : now;
    });
    assert.notEqual(second.reload_error, '');
    assert.equal(second.digest, before.digest);
  } finally {
    await pawl.close();
  }
});

test('an installation that names no preset goes on as before', options, async () => {
  const pawl = await Pawl.start({ init: true, rules: [] });
  try {
    await pawl.write_rules([allow('probe_echo')]);
    const now = await reload(pawl, 'the rules', ({ count }) => count === 1);
    assert.equal(now.signed, false);
    assert.equal(now.signatures, 'once_signed');
    assert.equal(now.set, undefined);
    assert.equal((await pawl.json('status')).troubles.length, 0);
  } finally {
    await pawl.close();
  }
});

const lines = ({ stdout }) => stdout.trim().split('\n').map((line) => JSON.parse(line));

for (const [era, connect] of [['legacy', legacy_client], ['modern', modern_client]]) {
  test(`${era}: a set over the log that it decided differs in nothing, a changed one where it does`,
    options, async () => {
      const reference = await start_reference(era);
      const rules = [deny('probe_echo', { arguments: { x: { range: { gte: 5 } } } }),
        { id: 'ask', when: { tool: 'probe_sleep' }, then: 'hold' },
        allow('probe_echo', { group: 'desk' }), allow('test_simple_text')];
      const pawl = await prepare(rules, { servers: { ref: { url: reference.url } } });
      try {
        await pawl.serve();
        const client = await connect({ url: pawl.mcp_url('ref'), key: pawl.keys.a });
        await client.listTools();
        for (const x of [1, 2, 7]) {
          await client.callTool({ name: 'probe_echo', arguments: { x } });
        }
        await client.callTool({ name: 'test_simple_text', arguments: {} });
        await client.callTool({ name: 'probe_sleep', arguments: { ms: 1 } });
        await client.close();

        const same = await command(pawl, 'rules', 'replay', '--json');
        assert.equal(same.code, 0, same.stderr + same.stdout);
        const [all, ...none] = lines(same);
        assert.deepEqual(none, []);
        assert.equal(all.differs, 0);
        assert.equal(all.undecidable, 0);
        assert.ok(all.same >= 6, JSON.stringify(all));
        assert.deepEqual(all.set, set_of(1));

        const changed = join(pawl.folder, 'changed.yaml');
        await put_set(pawl, 2, [deny('test_simple_text'), ...rules.slice(0, 3)], changed);
        const differs = await command(pawl, 'rules', 'replay', changed, '--json');
        assert.equal(differs.code, 1, differs.stderr + differs.stdout);
        const found = lines(differs);
        assert.equal(found.at(-1).differs, 1);
        assert.equal(found.length, 2);
        assert.equal(found[0].tool, 'test_simple_text');
        assert.deepEqual(found[0].was, { then: 'allow', rule: 'allow-test_simple_text' });
        assert.deepEqual(found[0].now, { then: ['deny'], rule: 'deny-test_simple_text' });

        // What it asks of arguments, the records do not hold; that x was 5 or more, they do.
        await put_set(pawl, 2, [deny('probe_echo', { arguments: { x: { range: { gte: 2 } } } }),
                                ...rules.slice(1)], changed);
        const unclear = await command(pawl, 'rules', 'replay', changed, '--json', '--undecidable');
        assert.equal(unclear.code, 2, unclear.stderr + unclear.stdout);
        const doubtful = lines(unclear).slice(0, -1);
        assert.deepEqual(doubtful.map(({ verdict, tool, now }) => [verdict, tool, now.then]),
          Array(2).fill(['undecidable', 'probe_echo', ['allow', 'deny']]));
        const text = await command(pawl, 'rules', 'replay', changed);
        assert.match(text.stdout, /0 would differ, 2 cannot be decided from the records/);
      } finally {
        await pawl.close();
        await reference.stop('SIGKILL');
      }
    });
}

test('the set, its version and its digest stand in the record of a call', options, async () => {
  const reference = await start_reference('legacy');
  const pawl = await prepare([allow('probe_echo')], { servers: { ref: { url: reference.url } } });
  try {
    await pawl.serve();
    const client = await legacy_client({ url: pawl.mcp_url('ref'), key: pawl.keys.a });
    await client.callTool({ name: 'probe_echo', arguments: {} });
    await client.close();
    const [row] = lines(await command(pawl, 'ledger', 'query', '--verb', 'tool.call', '--json'));
    const { claims } = await pawl.json('ledger', 'show', row.id);
    assert.equal(claims.ect_ext['pawl.tool'].set, 'desk/1');
    assert.equal(claims.ect_ext['pawl.tool'].policy, (await rules_of(pawl)).digest);
    const { stdout } = await command(pawl, 'rules', 'explain', '--agent', 'a', '--tool', 'probe_echo');
    assert.match(stdout, /rules: desk\/1 of ops@example\.org, digest /);
  } finally {
    await pawl.close();
    await reference.stop('SIGKILL');
  }
});

test('held and refused calls, too, and what people are asked and say, name the set by its digest', options,
  async (context) => {
    const played = await PlayedServer.start({ 'tools/call': ({ name }) => {
      if (name === 'hang') {
        return new Promise(() => {});
      }
      return { resultType: 'complete', content: [], isError: name === 'fail' };
    } });
    context.after(() => played.close());
    const ask = { id: 'ask', when: { tool: '*' },
                  then: { hold: { roles: ['approver'] } }, reason: 'people are asked first' };
    const pawl = await prepare([deny('drop'), ask],
      { servers: { ref: { url: played.url } }, config: { approval: { patience_s: 0 } } });
    context.after(() => pawl.close());
    await pawl.serve();
    const [ann] = await enroll(pawl, 'ann');
    const agent = new RawAgent({ url: pawl.mcp_url('ref'), key: pawl.keys.a });
    context.after(() => agent.close());
    const decided_as = async (decision, tool, args) => {
      await agent.call(tool, args);
      const [one] = await pending(pawl);
      assert.equal((await decide(pawl, ann, one, decision)).status, 200);
      return agent.call(tool, args);
    };
    await agent.call('drop', {});
    await decided_as('deny', 'look', { x: 1 });
    await decided_as('approve', 'look', { x: 2 });
    await decided_as('approve', 'fail', {});
    const lost = assert.rejects(decided_as('approve', 'hang', {}));
    await wait_for('the call at the server', () => played.seen.some(({ params }) => params?.name === 'hang') || undefined);
    await pawl.kill();
    await lost;
    await pawl.serve();

    const { digest } = await rules_of(pawl);
    const bodies_of = async (kind, area) => Promise.all(lines(await command(pawl, 'ledger', 'query', '--kind',
      kind, '--json')).map(async ({ id }) => (await pawl.json('ledger', 'show', id)).claims.ect_ext[area]));
    const calls = [...await bodies_of('task.denied', 'pawl.task'), ...await bodies_of('tool.call', 'pawl.tool')];
    assert.deepEqual(calls.map(({ code, outcome }) => code ?? outcome).sort(), ['approval_required',
      'approval_required', 'approval_required', 'approval_required', 'confirmed', 'denied', 'denied', 'failed', 'unknown']);
    for (const { outcome, set, policy } of calls) {
      assert.equal(policy, digest, outcome);
      assert.ok(set === 'desk/1' || outcome === 'unknown', 'of an intent that a crash left the digest says it');
    }
    const asked = await bodies_of('approval.requested', 'pawl.approval');
    const said = (await bodies_of('approval.decided', 'pawl.approval')).map(({ statement }) => decodeJwt(statement));
    assert.deepEqual([...asked, ...said].map(({ binding }) => binding.policy), Array(8).fill(digest));
    const [activated] = await bodies_of('policy.activated', 'pawl.policy');
    assert.deepEqual([activated.digest, activated.set], [digest, set_of(1)], 'what the digest leads to');
  });

test('check names rules that never decide and rules that meet', options, async () => {
  const pawl = await Pawl.prepare({ agents: { a: {} } });
  try {
    await put_set(pawl, 1, [allow('drop_it'), { id: 'no-drop', when: { tool: 'drop*' }, then: 'deny',
      reason: 'nothing is dropped' },
      { id: 'notices', when: { verb: 'log.message' }, then: 'hold' }]);
    const { code, stdout } = await command(pawl, 'rules', 'check');
    assert.equal(code, 0);
    assert.match(stdout, /warning: .*rule allow-drop_it: is never reached: rule no-drop denies all of it/);
    assert.match(stdout, /warning: .*rule notices: holds nothing but notices/);
    assert.match(stdout, /note: .*rule no-drop: meets rule notices.*no-drop decides/);
    assert.match(stdout, /3 rules in 1 file, desk\/1 of ops@example\.org, digest /);
    const told = await pawl.json('rules', 'check');
    assert.deepEqual(told.set, set_of(1));
    assert.deepEqual(told.undecided, []);
  } finally {
    await pawl.close();
  }
});

test('control: set-signature', options, async () => {
  const pawl = await prepare([allow('probe_echo')]);
  try {
    await pawl.serve();
    const before = await rules_of(pawl);
    await put_set(pawl, 2, [allow('**')]);
    const now = await reload(pawl, 'a refusal, or the set', ({ reload_error, digest }) =>
      reload_error !== '' || digest !== before.digest);
    assert.equal(now.digest, before.digest, 'nobody signed it');
    assert.deepEqual([now.set, now.signed], [set_of(1), true]);
    await sign_set(pawl);
    const signed = await reload(pawl, 'the signed set', ({ set }) => set.version === 2);
    assert.notEqual(signed.digest, before.digest);
  } finally {
    await pawl.close();
  }
});

test('control: set-version', options, async () => {
  const pawl = await Pawl.prepare({});
  try {
    await put_set(pawl, 5, [allow('probe_echo')]);
    await pawl.serve();
    const before = await rules_of(pawl);
    for (const version of [5, 4]) {
      await put_set(pawl, version, [allow('**')]);
      const now = await reload(pawl, 'a refusal, or the set', ({ reload_error, digest }) =>
        reload_error.includes(`version ${version} does not rise`) || digest !== before.digest);
      assert.equal(now.digest, before.digest, `version ${version} does not rise above 5`);
      assert.match(now.reload_error, /does not rise above version 5/);
    }
    await put_set(pawl, 6, [allow('**')]);
    const risen = await reload(pawl, 'the higher version', ({ set }) => set.version === 6);
    assert.equal(risen.reload_error, '');
  } finally {
    await pawl.close();
  }
});
