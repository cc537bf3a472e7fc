// Each official client shows of every kind of refusal what a person needs to act on it: the code,
// the rule where one decided, and the id of a record that the ledger has.

import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { Client as ModernClient, StreamableHTTPClientTransport as ModernTransport }
  from '@modelcontextprotocol/client';
import { Client as LegacyClient } from '@modelcontextprotocol/sdk/client/index.js';
import { StreamableHTTPClientTransport as LegacyTransport }
  from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import { MODERN_REVISION } from './support/clients.mjs';
import { Pawl, no_pawl } from './support/pawl.mjs';
import { read_journal, start_reference } from './support/reference.mjs';
import { wait_for } from './support/wait.mjs';

const ERAS = ['legacy', 'modern'];
const RULES = [
  { id: 'no-echo-of-1', when: { tool: 'probe_echo', arguments: { x: { equals: 1 } } },
    then: 'deny', reason: 'one is not echoed' },
  { id: 'probes', when: { tool: ['probe_*', 'no_such_tool', 'test_prompt*'] }, then: 'allow' },
];
const LOSSY = '"lossy"';
const TOO_PRECISE = '9007199254740993';
let pawl;
let folder;
const references = {};
const journal = (name) => join(folder, name);

before(async () => {
  if (no_pawl()) {
    return;
  }
  folder = await mkdtemp(join(tmpdir(), 'pawl-refusals-'));
  const servers = {};
  for (const era of ERAS) {
    references[era] = await start_reference(era, { journal: journal(era) });
    references[`dying-${era}`] = await start_reference(era, { journal: journal(`dying-${era}`) });
    servers[era] = { url: references[era].url };
    servers[`dying-${era}`] = { url: references[`dying-${era}`].url };
  }
  pawl = await Pawl.start({ init: true, servers, rules: RULES,
    agents: { a: {}, busy: {}, stopped: {}, other: {} },
    config: { limits: { open_calls_per_agent: 1, call_timeout_s: 2 } } });
});
after(async () => {
  await pawl?.close();
  await Promise.all(Object.values(references).map((reference) => reference.stop('SIGKILL')));
  if (folder !== undefined) {
    await rm(folder, { recursive: true });
  }
});

/** The JavaScript of a client cannot say this number: it is put into the bytes that leave. */
function fetch_with_lossy_numbers(url, init) {
  const body = typeof init?.body === 'string' ? init.body.replace(LOSSY, TOO_PRECISE) : init?.body;
  return fetch(url, { ...init, body });
}

async function connect(era,
  { server = era, agent = 'a', key = pawl.keys[agent], headers = {} } = {}) {
  const transport_options = { fetch: fetch_with_lossy_numbers,
    requestInit: { headers: { Authorization: `Bearer ${key}`, ...headers } } };
  const me = { name: `${era}-agent`, version: '1.0.0' };
  const url = new URL(pawl.mcp_url(server));
  const client = era === 'legacy' ? new LegacyClient(me)
    : new ModernClient(me, { versionNegotiation: { mode: { pin: MODERN_REVISION } } });
  await client.connect(era === 'legacy' ? new LegacyTransport(url, transport_options)
    : new ModernTransport(url, transport_options));
  return client;
}

const call = (client, name, args, _meta) => client.callTool({ name, arguments: args, _meta });

async function denied_prompt({ era }) {
  return (await connect(era)).getPrompt({ name: 'other_prompt' });
}

async function echo({ era }, args, meta) {
  return call(await connect(era), 'probe_echo', args, meta);
}

async function while_busy({ era }) {
  const client = await connect(era, { agent: 'busy' });
  const before_it = (await read_journal(journal(era))).length;
  const open = call(client, 'probe_sleep', { ms: 1500 });
  await wait_for('the open call at the server', async () =>
    (await read_journal(journal(era))).length > before_it || undefined);
  const second = await call(client, 'probe_echo', {});
  await open;
  return second;
}

async function while_stopped({ era }) {
  const client = await connect(era, { agent: 'stopped' });
  await pawl.json('stop', 'agent:stopped');
  try {
    return await call(client, 'probe_echo', {});
  } finally {
    await pawl.json('resume', 'agent:stopped');
  }
}

async function cut_by_a_stop({ era }) {
  const client = await connect(era, { agent: 'stopped' });
  const before_it = (await read_journal(journal(era))).length;
  const open = call(client, 'probe_sleep', { ms: 600_000 });
  await wait_for('the open call at the server', async () =>
    (await read_journal(journal(era))).length > before_it || undefined);
  await pawl.json('stop', 'agent:stopped');
  try {
    return await open;
  } finally {
    await pawl.json('resume', 'agent:stopped');
  }
}

const no_answer_in_time = async ({ era }) =>
  call(await connect(era), 'probe_sleep', { ms: 600_000 });

async function server_is_down({ era }) {
  const client = await connect(era, { server: `dying-${era}` });
  await references[`dying-${era}`].stop('SIGKILL');
  return call(client, 'probe_echo', {});
}

async function foreign_token({ era }) {
  const other = await connect(era, { agent: 'other' });
  const { _meta } = await call(other, 'probe_echo', {});
  const token = (await pawl.run(['ledger', 'show', _meta['pawl.record/id'], '--token', '--config',
                                 pawl.config_file])).stdout.trim();
  return echo({ era }, {}, { 'pawl.record/parents': [token] });
}

const CASES = [
  // name, what to do, code, rule, outcome of the record, HTTP status if it is the transport's
  ['denied by a rule', (c) => echo(c, { x: 1 }), 'denied', 'no-echo-of-1', 'denied'],
  ['no rule allows it', async ({ era }) => call(await connect(era), 'test_simple_text', {}),
   'denied', 'default-deny', 'denied'],
  ['a prompt that no rule allows', denied_prompt, 'denied', 'default-deny', 'denied'],
  ['a number that a double changes', (c) => echo(c, { x: 'lossy' }), 'invalid_params',
   'exact-numbers', 'denied'],
  ['too many open calls', while_busy, 'overloaded', 'open-calls', 'denied'],
  ['stopped', while_stopped, 'stopped', /^stop:[0-9a-f-]{36}$/, 'denied'],
  ['cut by a stop', cut_by_a_stop, 'stopped', /^stop:[0-9a-f-]{36}$/, 'unknown'],
  ['no answer in time', no_answer_in_time, 'deadline_exceeded', undefined, 'unknown'],
  ['the server is down', server_is_down, 'upstream_unavailable', undefined, 'error'],
  ['a token that is none', (c) => echo(c, {}, { 'pawl.record/parents': ['garbage'] }),
   'token_invalid', 'ect-invalid', 'denied', 403],
  ['a token of another agent', foreign_token, 'token_invalid', 'ect-invalid', 'denied', 403],
];

/** What a client shows, wherever this kind of answer has it. */
function shown(answer) {
  if (!(answer instanceof Error)) {
    return { ...answer._meta?.['pawl.record/refusal'], text: answer.content?.[0]?.text };
  }
  if (answer.data?.code !== undefined) {
    return { ...answer.data, text: answer.message };
  }
  const body = answer.data?.text ?? answer.message.slice(answer.message.indexOf('{'));
  return { ...JSON.parse(body).error.data, text: body, status: answer.data?.status ?? answer.code };
}

for (const era of ERAS) {
  for (const [name, run, code, rule, outcome, status] of CASES) {
    test(`${era}: ${name}`, { skip: no_pawl() }, async () => {
      const refusal = shown(await run({ era }).catch((error) => error));
      assert.equal(refusal.code, code);
      assert.equal(refusal.status, status);
      if (rule instanceof RegExp) {
        assert.match(refusal.rule, rule);
      } else {
        assert.equal(refusal.rule, rule);
      }
      assert.ok(refusal.reason.length > 0);
      assert.equal(typeof refusal.retry_helps, 'boolean');
      assert.ok(refusal.text.includes(refusal.record) || refusal.text.includes(refusal.reason),
        `the text for people: ${refusal.text}`);
      const { claims } = await pawl.json('ledger', 'show', refusal.record);
      const body = Object.entries(claims.ect_ext).find(([key, value]) => key.startsWith('pawl.')
        && value.outcome !== undefined)[1];
      assert.equal(body.outcome, outcome);
    });
  }

  test(`${era}: an unknown tool is the server's error, with the record`, { skip: no_pawl() },
    async () => {
      const error = await call(await connect(era), 'no_such_tool', {}).catch((failure) => failure);
      assert.match(error.message, /Unknown tool: no_such_tool/);
      const { claims } = await pawl.json('ledger', 'show', error.data._meta['pawl.record/id']);
      assert.equal(claims.ect_ext['pawl.tool'].outcome, 'failed');
    });

  for (const [name, how, code, status] of [
    ['no valid key', { key: 'x'.repeat(32) }, 'unauthenticated', 401],
    ['a web page', { headers: { Origin: 'https://evil.example' } }, 'forbidden', 403],
  ]) {
    test(`${era}: ${name}: refused before there is an action, so without a record`,
      { skip: no_pawl() }, async () => {
        const error = await connect(era, how).catch((failure) => failure);
        assert.ok(error instanceof Error);
        const refusal = shown(error);
        assert.equal(refusal.code, code);
        assert.equal(refusal.status, status);
        assert.equal(refusal.record, undefined);
      });
  }
}
