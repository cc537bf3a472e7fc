// Bad input of every kind: a clear error, its stat in /metrics, nothing at the server, and the next
// good call passes. What people type and what stands in the data folder counts as input too.

import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm, truncate, writeFile } from 'node:fs/promises';
import { createConnection } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { RawAgent } from './crash/raw_agent.mjs';
import { MODERN_REVISION } from './support/clients.mjs';
import { ALLOW_ALL, Pawl, no_pawl } from './support/pawl.mjs';
import { NODE, start_until_json } from './support/process.mjs';
import { read_journal } from './support/reference.mjs';

const WITNESS = fileURLToPath(new URL('crash/witness_server.mjs', import.meta.url));
const META = { 'io.modelcontextprotocol/protocolVersion': MODERN_REVISION,
  'io.modelcontextprotocol/clientInfo': { name: 'bad-input', version: '1' },
  'io.modelcontextprotocol/clientCapabilities': {} };
const CONNECTIONS = 300;  // of clients that begin a request and go silent
const MAX_CONNECTIONS = 64;
const MAX_BODY = 65_536;
const options = { skip: no_pawl() };
let folder;
let witness;
let pawl;

before(async () => {
  if (no_pawl()) {
    return;
  }
  folder = await mkdtemp(join(tmpdir(), 'pawl-bad-input-'));
  witness = await start_until_json(NODE, [WITNESS, '--journal', join(folder, 'journal')]);
  pawl = await Pawl.start({ init: true, agents: { a: {}, b: {} }, rules: [ALLOW_ALL],
    servers: { w: { url: witness.ready.url } },
    config: { limits: { max_connections: MAX_CONNECTIONS, max_body_bytes: MAX_BODY } } });
});
after(async () => {
  await pawl?.close();
  await witness?.stop();
  if (folder !== undefined) {
    await rm(folder, { recursive: true });
  }
});

/** The text of a tools/call; `args` is text, so that it can be what no client would print. */
const call = (args, { name = '"change"', id = '1', more = '' } = {}) =>
  `{"jsonrpc":"2.0","id":${id},"method":"tools/call","params":{"name":${name},"arguments":${args},`
  + `"_meta":${JSON.stringify(META)}${more}}}`;

/** The bytes of a POST. Headers that are undefined are left out. */
function post(body, { path = '/mcp/w', headers = {} } = {}) {
  const bytes = Buffer.from(body);
  const all = { Host: '127.0.0.1', Authorization: `Bearer ${pawl.keys.a}`,
    'Content-Type': 'application/json', Accept: 'application/json, text/event-stream',
    'MCP-Protocol-Version': MODERN_REVISION, 'Mcp-Method': 'tools/call', 'Mcp-Name': 'change',
    'Content-Length': bytes.length, ...headers };
  const lines = Object.entries(all).filter(([, value]) => value !== undefined)
    .map(([name, value]) => `${name}: ${value}\r\n`).join('');
  return Buffer.concat([Buffer.from(`POST ${path} HTTP/1.1\r\n${lines}\r\n`), bytes]);
}

/** Sends bytes, resolves with the first answer. @returns {Promise<{status: number, body: string}>} */
function exchange(bytes) {
  return new Promise((resolve, reject) => {
    const socket = createConnection(Number(new URL(pawl.addresses.data).port), '127.0.0.1');
    let text = '';
    const finish = (ended) => {
      const [head, body] = text.split('\r\n\r\n', 2);
      const length = Number(/content-length: (\d+)/i.exec(head)?.[1] ?? 0);
      if (body !== undefined && Buffer.byteLength(body) >= length) {
        socket.destroy();
        resolve({ status: Number(head.split(' ')[1]), body });
      } else if (ended) {
        reject(new Error(`the connection ended after: ${text}`));
      }
    };
    socket.setEncoding('utf8').on('data', (more) => { text += more; finish(false); });
    socket.on('end', () => finish(true)).on('error', reject);
    socket.write(bytes);
  });
}

async function good_call(agent = 'a') {
  const raw = new RawAgent({ url: pawl.mcp_url('w'), key: pawl.keys[agent] });
  const answer = await raw.call('change', {});
  raw.close();
  return answer;
}

async function assert_serves() {
  assert.equal((await good_call()).body.result?.isError, false);
}

/** Values of /metrics whose name and labels hold every one of `words`, added up. */
async function stat(words) {
  const text = await (await fetch(`${pawl.addresses.control}/metrics`)).text();
  return text.split('\n').filter((line) => !line.startsWith('#')
    && words.every((word) => line.includes(word)))
    .reduce((sum, line) => sum + Number(line.split(' ').at(-1)), 0);
}

const calls_at_server = async () => (await read_journal(join(folder, 'journal'))).length;
const rejected = (kind) => ['pawl_rejected_input_total', `kind="${kind}"`];
const MESSAGE = rejected('message');
const HTTP = rejected('http');
const NUMBERS = ['pawl_refusals_total', 'control="numbers"'];
const TOKENS = ['pawl_refusals_total', 'control="tokens"'];
const KEY = ['pawl_refusals_total', 'control="authentication"'];
const deep = (levels) => `{"a":${'['.repeat(levels)}${']'.repeat(levels)}}`;
const with_bytes = (...bytes) => {
  const [head, tail] = call('{"x":"@"}').split('@');
  return Buffer.concat([Buffer.from(head), Buffer.from(bytes), Buffer.from(tail)]);
};
const H = (headers) => () => post(call('{}'), { headers });

// name, what is sent (a body, or a function that gives the bytes of the request), status, text of
// the answer, stat that grows by one
const REQUESTS = [
  ['no body', '', 400, 'the text ends before', MESSAGE],
  ['cut off', '{', 400, 'the text ends before', MESSAGE],
  ['a text', '"x"', 400, 'expected an object', MESSAGE],
  ['a batch', `[${call('{}')}]`, 400, 'batches are not accepted', MESSAGE],
  ['two messages', call('{}') + call('{}'), 400, 'bytes after the end', MESSAGE],
  ['byte order mark', `\ufeff${call('{}')}`, 400, 'unexpected byte 0xef', MESSAGE],
  ['key twice', call('{"a":1,"a":1}'), 400, 'stands twice', MESSAGE],
  ['key twice by an escape', call('{}', { more: ',"\\u006eame":"look"' }), 400, 'stands twice',
   MESSAGE],
  ['64 levels and more', call(deep(64)), 413, 'nested deeper', MESSAGE],
  ['very deep', call(deep(20_000)), 413, 'nested deeper', MESSAGE],
  ['not UTF-8', with_bytes(0xff), 400, 'not valid UTF-8', MESSAGE],
  ['overlong UTF-8', with_bytes(0xc0, 0xaf), 400, 'not valid UTF-8', MESSAGE],
  ['half a surrogate pair', call('{"x":"\\ud800"}'), 400, 'json', MESSAGE],
  ['NaN', call('{"x":NaN}'), 400, 'unexpected', MESSAGE],
  ['leading zero', call('{"x":01}'), 400, 'unexpected', MESSAGE],
  ['id null', call('{}', { id: 'null' }), 400, 'id must be', MESSAGE],
  ['id fraction', call('{}', { id: '1.5' }), 400, 'id must be', MESSAGE],
  ['id beyond a double', call('{}', { id: '1e400' }), 400, 'id must be', MESSAGE],
  ['2^53 + 1', call('{"x":9007199254740993}'), 200, 'the number at /x', NUMBERS],
  ['1e400', call('{"x":1e400}'), 200, 'the number at /x', NUMBERS],
  ['1e-400', call('{"x":1e-400}'), 200, 'the number at /x', NUMBERS],
  ['arguments array', call('[]'), 200, 'arguments must be an object'],
  ['name number', call('{}', { name: '5' }), 200, 'name must be a string'],
  ['name with another one in Mcp-Name', call('{}', { name: '"look"' }), 400, 'Mcp-Name does not'],
  ['Mcp-Name twice', H({ 'mcp-name': 'change' }), 400, 'more than once'],
  ['Mcp-Name missing', H({ 'Mcp-Name': undefined }), 400, 'Mcp-Name'],
  ['Mcp-Name bad base64', H({ 'Mcp-Name': '=?base64?!?=' }), 400, 'Mcp-Name'],
  ['Mcp-Method of another one', H({ 'Mcp-Method': 'tools/list' }), 400, 'Mcp-Method does not'],
  ['requestState forged', call('{}', { more: ',"requestState":"AAAA"' }), 200, '-32602'],
  ['token forged', H({ 'Execution-Context': 'a.b.c' }), 403, 'token refused', TOKENS],
  ['no key', H({ Authorization: undefined }), 401, 'no valid credential', KEY],
  ['unknown key', H({ Authorization: `Bearer ${'x'.repeat(32)}` }), 401, 'no valid credential', KEY],
  ['two keys', () => post(call('{}'), { headers: { authorization: `Bearer ${pawl.keys.b}` } }), 401,
   'no valid credential'],
  ['session forged', () => post('{"jsonrpc":"2.0","id":1,"method":"tools/list"}', { headers: {
    'Mcp-Session-Id': 'forged', 'MCP-Protocol-Version': '2025-11-25', 'Mcp-Method': undefined,
    'Mcp-Name': undefined } }), 404, 'no such session', rejected('session')],
  ['Host of elsewhere', H({ Host: 'evil.example' }), 403, 'Host', rejected('origin')],
  ['Origin of elsewhere', H({ Origin: 'http://evil.example' }), 403, 'Origin', rejected('origin')],
  ['not JSON by name', H({ 'Content-Type': 'text/plain' }), 415, 'application/json'],
  ['server unknown', () => post(call('{}'), { path: '/mcp/../w' }), 404, 'no server'],
  ['length and chunks', H({ 'Transfer-Encoding': 'chunked' }), 400, 'HTTP/1.1', HTTP],
  ['two lengths', H({ 'content-length': '3' }), 400, 'HTTP/1.1', HTTP],
  ['length with a sign', H({ 'Content-Length': '+5' }), 400, 'HTTP/1.1', HTTP],
  ['coding with a space', H({ 'Transfer-Encoding ': 'chunked' }), 400, 'HTTP/1.1', HTTP],
  ['folded header', H({ 'X-A': '1\r\n 2' }), 400, 'HTTP/1.1', HTTP],
  ['NUL in a header', H({ 'X-A': 'a\0b' }), 400, 'HTTP/1.1', HTTP],
  ['bare CR in a header', H({ 'X-A': 'a\rb' }), 400, 'HTTP/1.1', HTTP],
  ['TLS greeting', () => Buffer.from([0x16, 3, 1, 2, 0]), 400, 'HTTP/1.1', HTTP],
  ['huge chunk size', () => Buffer.from('POST /mcp/w HTTP/1.1\r\nHost: 127.0.0.1\r\n'
    + 'Transfer-Encoding: chunked\r\n\r\nFFFFFFFFFFFFFFFFFF\r\n'), 400, 'HTTP/1.1', HTTP],
  ['huge header', H({ X: 'y'.repeat(20_000) }), 431, '16384 bytes', rejected('header_too_large')],
  ['huge body', call(`{"x":"${'x'.repeat(MAX_BODY)}"}`), 413, `${MAX_BODY} bytes`,
   rejected('body_too_large')],
];

for (const [name, sent, status, text, counted] of REQUESTS) {
  test(`request: ${name}`, options, async () => {
    const at_server = await calls_at_server();
    const before_it = counted === undefined ? 0 : await stat(counted);
    const answer = await exchange(typeof sent === 'function' ? sent() : post(sent));
    assert.equal(answer.status, status, answer.body);
    assert.ok(answer.body.includes(text), answer.body);
    assert.equal(await calls_at_server(), at_server, 'reached the server');
    if (counted !== undefined) {
      assert.equal(await stat(counted) - before_it, 1, counted.join(' '));
    }
    await assert_serves();
  });
}

test('connections that go silent make room for a good call', options, async () => {
  const bytes = post(call('{}'));
  const port = Number(new URL(pawl.addresses.data).port);
  const sockets = Array.from({ length: CONNECTIONS }, () => createConnection(port, '127.0.0.1'));
  const closed = sockets.map((socket) => new Promise((resolve) => { socket.on('close', resolve); }));
  await Promise.all(sockets.map((socket, index) => new Promise((resolve) => {
    socket.on('error', resolve).on('connect', () => {
      socket.write(bytes.subarray(0, index % 8 === 0 ? 0 : 1 + index % 7), resolve);
    });
  })));
  const stopped = await pawl.json('stop', 'agent:b');
  assert.equal(stopped.stop.scope, 'agent:b', 'a stop passes whatever the other listener suffers');
  await pawl.json('resume', 'agent:b');
  for (const socket of sockets) {
    socket.destroy();
  }
  await Promise.all(closed);
  await assert_serves();
});

// arguments, exit code, text of the one line on standard error
const COMMANDS = [
  [[], 2, 'subcommand is required'], [['nope'], 2, 'is not a command'],
  [['stop', ''], 2, 'expected agent:ID'], [['stop', 'agent:'], 2, 'expected agent:ID'],
  [['stop', 'agent:*'], 2, 'no patterns'], [['stop', 'agent:a b'], 2, "an agent's id"],
  [['stop', 'agent:\u00e9'], 2, "an agent's id"], [['stop', 'agent:a\u2028'], 2, "an agent's id"],
  [['stop', 'agent:a\nb'], 2, 'control characters'],
  [['stop', `agent:${'x'.repeat(300)}`], 2, '256 bytes'],
  [['stop', 'server:w/../x'], 2, "a server's name"], [['stop', 'tool:*/x'], 2, "a server's name"],
  [['stop', 'tool:w'], 2, 'SERVER/TOOL'], [['stop', 'workflow:1'], 2, 'not a UUID'],
  [['resume', 'agent:zzz'], 2, 'no stop of agent:zzz'],
  [['resume', 'agent:a', '--key-file', '/nonexistent'], 2, '/nonexistent'],
  [['why', 'zzz'], 2, "a record's id"], [['why', '999999'], 2, 'no record with index'],
  [['ledger', 'tail', '-n', '-5'], 2, 'not in range'],
  [['ledger', 'query', '--outcome', 'x'], 2, 'expected confirmed'],
  [['ledger', 'query', '--since', 'x'], 2, 'expected a date'],
  [['ledger', 'export', '/nonexistent/x'], 2, '/nonexistent'],
  [['rules', 'check', '/nonexistent'], 2, '/nonexistent'],
  [['rules', 'explain', '--arg', 'x'], 2, 'PATH=VALUE'],
  [['wrap', '--name', 'BAD NAME', '--', 'true'], 2, "a server's name"],
];

for (const [args, code, text] of COMMANDS) {
  test(`command: pawl ${JSON.stringify(args.join(' ')).slice(0, 60)}`, options, async () => {
    const [name, ...rest] = args;
    const at = name === undefined ? [] : [name, '--config', pawl.config_file, ...rest];
    const ended = await pawl.run(at);
    assert.equal(ended.code, code, ended.stderr);
    assert.match(ended.stderr, /^pawl: [^\n]*\n$/);
    assert.doesNotMatch(ended.stderr, /([^ :]{3,}): \1:/, 'said twice');
    assert.ok(ended.stderr.includes(text), ended.stderr);
  });
}

// scope, name that nobody configured; undefined: it is known
const STOPS = [['agent:typo', 'agent named "typo"'], ['tool:nowhere/x', 'server named "nowhere"'],
  ['group:typo', 'group named "typo"'], ['server:nowhere', 'server named "nowhere"'],
  ['agent:b', undefined], ['tool:w/change', undefined]];

for (const [scope, doubt] of STOPS) {
  test(`pawl stop ${scope} ${doubt === undefined ? 'has no doubt' : 'stops, and says so'}`, options,
    async () => {
      const stopped = await pawl.json('stop', scope);
      assert.equal(stopped.stop.scope, scope);
      assert.ok(doubt === undefined ? stopped.doubt === undefined
        : stopped.doubt.startsWith(`no ${doubt} is configured here`), stopped.doubt);
      const { code, stdout } = await pawl.run(['stop', scope, '--config', pawl.config_file]);
      assert.equal(code, 0);
      assert.match(stdout, new RegExp(`^stopped ${scope}\n`));
      assert.equal(stdout.includes('warning no '), doubt !== undefined, stdout);
      await pawl.json('resume', scope);
    });
}

// text of pawl.yaml, what `config show` says of it
const CONFIGS = [
  ['servers: { a: { url: "ftp://x" } }\n', 'pawl.yaml:1:'],
  ['a: [', 'pawl.yaml:1:'], ['- x', 'pawl.yaml:1:1'], ['listen: nowhere\n', 'pawl.yaml:1:9'],
  ['listen: "5:5:5"\n', 'pawl.yaml:1:9'], ['listen: "::1:7700"\n', 'pawl.yaml:1:9'],
  ['listen: "[::1:7700"\n', 'pawl.yaml:1:9'], ['control: "a b:7700"\n', 'pawl.yaml:1:10'],
  ['mode: enforce\nmodus: x\n', 'pawl.yaml:2:'], ['domain: [x]\n', 'pawl.yaml:1:9'],
  ['limits: { max_body_bytes: -1 }\n', 'pawl.yaml:1:'], ['rules: [ ./no.yaml ]\n', 'pawl.yaml:1:'],
];

for (const [text, where] of CONFIGS) {
  test(`configuration: ${JSON.stringify(text)}`, options, async () => {
    const file = join(folder, 'pawl.yaml');
    await writeFile(file, text);
    for (const command of [['config', 'show'], ['serve']]) {
      const ended = await pawl.run([...command, '--config', file]);
      assert.equal(ended.code, 2, ended.stderr);
      assert.match(ended.stderr, /^pawl: [^\n]*\n$/);
      assert.ok(ended.stderr.includes(where), ended.stderr);
    }
  });
}

test('a stop works while the configuration, its rules and the own key are broken', options,
  async () => {
    const key_file = join(pawl.data, 'operator.pem');
    const files = [pawl.config_file, pawl.rules_file, key_file];
    const texts = await Promise.all(files.map((file) => readFile(file)));
    await rm(pawl.rules_file);
    await writeFile(pawl.config_file, `{"data": ${JSON.stringify(pawl.data)},`
      + ' "domain": "example.org", "modus": 1, "rules": ["./no.yaml"]}\n');
    assert.equal((await pawl.json('stop', 'server:w')).stop.scope, 'server:w');  // signed
    await pawl.json('resume', 'server:w');
    await writeFile(key_file, 'no key\n');
    assert.equal((await pawl.json('stop', 'agent:b')).stop.scope, 'agent:b');
    assert.ok((await pawl.json('status')).stops.some(({ scope }) => scope === 'agent:b'));
    await writeFile(pawl.config_file, '{');
    const refused = await pawl.run(['stop', 'agent:b', '--config', pawl.config_file]);
    assert.match(refused.stderr, /^pawl: .*pawl.yaml:1:.*--data DIR.*\n$/);
    const by_data = await pawl.run(['stop', 'agent:b', '--data', pawl.data]);
    assert.equal(by_data.code, 0, by_data.stderr);
    await Promise.all(files.map((file, index) => writeFile(file, texts[index])));
    await pawl.json('resume', 'agent:b');
    await assert_serves();
  });

// text of the rules file, what the reload says of it
const RULES = [['', 'rules.yaml:1:1'], ['rules: [', 'rules.yaml:1:'], ['- x', 'rules.yaml:1:1'],
  ['rules:\n  - id: a\n    then: maybe\n', 'rules.yaml:3:11'], ['\0', 'NUL byte'],
  ['rules: []\nrules: []\n', 'stands twice'], ['rules: &a []\n', 'anchor'],
  [`rules: ${'['.repeat(1000)}`, 'rules.yaml:1:']];

for (const [text, what] of RULES) {
  test(`rules: the old set stays before ${JSON.stringify(text).slice(0, 40)}`, options, async () => {
    const token = (await readFile(join(pawl.data, 'run', 'control.token'), 'utf8')).trim();
    const old = await readFile(pawl.rules_file);
    await writeFile(pawl.rules_file, text);
    const answer = await fetch(`${pawl.addresses.control}/api/v1/rules/reload`,
      { method: 'POST', headers: { authorization: `Bearer ${token}` } });
    await writeFile(pawl.rules_file, old);
    assert.equal(answer.status, 400);
    assert.ok((await answer.json()).detail.includes(what));
    await assert_serves();
  });
}

const KEY_ERROR = 'PEM';
// file of the data folder, what it becomes, what the start says ("stopped": starts, all stopped)
const DAMAGES = [
  ['keys/log.pem', '', KEY_ERROR], ['keys/instance.pem', 'x', KEY_ERROR],
  ['keys/secret', '', 'base64url'], ['keys/accounts.json', '{', 'json'],
  ['ledger/checkpoint', 'x', 'checkpoint'], ['ledger/snapshot', 'x', 'serves'],
  ['ledger/segments/000000000001.seg', '', 'was cut off'],
  ['override.journal', '', 'stopped'],
  ['override.journal', 'x'.repeat(5000), 'stopped'],  // once more: an old lift lifts nothing
  ['run/override.token', '', 'serves'], ['operator.pem', '', 'serves'],
];

test('damaged files of the data folder', options, async (context) => {
  await pawl.json('stop', 'agent:b');
  await pawl.stop();
  for (const [name, text, expected] of DAMAGES) {
    await context.test(`${name} ${JSON.stringify(text).slice(0, 10)}`, async () => {
      const file = join(pawl.data, name);
      const old = await readFile(file);
      await truncate(file, 0);
      await writeFile(file, text);
      if (expected === 'serves' || expected === 'stopped') {
        await pawl.serve();
        try {
          const refused = (answer) => answer.body.result?._meta?.['pawl.record/refusal']?.code;
          assert.equal(refused(await good_call('b')), 'stopped', 'the stop before stays');
          assert.equal(refused(await good_call()), expected === 'stopped' ? 'stopped' : undefined);
          if (expected === 'stopped') {
            await pawl.json('resume', 'all');
            await assert_serves();
          }
        } finally {
          await pawl.stop();
        }
      } else {
        const ended = await pawl.run(['serve', '--config', pawl.config_file]);
        assert.equal(ended.code, 1, ended.stderr);
        const error = ended.stderr.split('\n').filter((line) => line.startsWith('pawl: '));
        assert.equal(error.length, 1, ended.stderr);
        assert.ok(error[0].includes(expected), error[0]);
      }
      if (expected !== 'stopped' && expected !== 'serves' || name === 'operator.pem') {
        await writeFile(file, old);
      }
    });
  }
  await pawl.serve();
  await pawl.json('resume', 'agent:b');
});

test('afterwards: nothing broke, nothing leaked', options, async () => {
  assert.equal(await stat(['pawl_bugs_total ']), 0);
  const log = await pawl.log();
  assert.ok(Object.values(pawl.keys).every((key) => !log.includes(key)));
  const verified = await pawl.run(['verify', pawl.data], { env: { HOME: folder } });
  assert.equal(verified.code, 2, verified.stdout);  // nothing pinned: nothing contradicts itself
});
