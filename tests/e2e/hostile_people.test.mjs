// Texts that deceive, before people at a terminal: whatever an agent or a server wrote, every command shows
// it as data. No byte steers the terminal, nothing is invisible, no value makes a line of its own, and what
// stands behind a megabyte of padding is there. Agents and servers are real; the texts: vectors/hostile_text.json.

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { RawAgent } from './crash/raw_agent.mjs';
import { Events } from './support/events.mjs';
import { HostileStory } from './support/hostile_calls.mjs';
import { HOSTILE_TEXTS, SHORT_TEXTS, is_text } from './support/hostile_text.mjs';
import { ALLOW_ALL, PAWL_BIN, Pawl, no_pawl } from './support/pawl.mjs';
import { Receiver, new_secret } from './support/receiver.mjs';
import { forged_lines, seen } from './support/seen_text.mjs';
import { wait_for } from './support/wait.mjs';

const options = { skip: no_pawl(), timeout: 240_000 };
const AT_ONCE = 4;
const MOST_BYTES_A_CHARACTER = 8;              // \u{200b}
let story;
let receiver;
/** @type {{args: string[], one?: object, text: string, faults: object[]}[]} all that was printed for people */
const printed = [];

before(async () => {
  if (options.skip) return;
  receiver = await new Receiver(new_secret()).listen();
  story = await HostileStory.start({ approval: { notify: [{ webhook: receiver.url, secret: '${HOOK_SECRET}' }] } },
    { env: { HOOK_SECRET: receiver.secret } });
});
after(async () => {
  await story?.close();
  await receiver?.close();
});

const config = () => ['--config', story.pawl.config_file];
const in_argv = (text) => is_text({ text }) && !text.includes('\0') && text.length < 100_000;

/** Runs a command for people and looks at each byte of its two outputs. */
async function show(args, one) {
  const { code, stdout, stderr } = await story.pawl.run([...args, ...config()], { encoding: 'latin1' });
  const looks = [seen(stdout), seen(stderr)];
  const row = { args, one, code, text: looks[0].text, err: looks[1].text, faults: looks.flatMap(({ faults }) => faults) };
  printed.push(row);
  return row;
}

async function each(list, work) {
  const left = [...list];
  await Promise.all(Array.from({ length: AT_ONCE }, async () => {
    for (let one = left.shift(); one !== undefined; one = left.shift()) await work(one);
  }));
}

const of_group = ([first, second]) => (['approvals', 'ledger', 'rules', 'operators', 'config', 'notify'].includes(first) ? `${first} ${second}`
  : ['why', 'status', 'stop', 'revoke', 'verify', 'scrub', 'vault'].includes(first) ? first : 'no command');

/** Faults of these kinds, one line for each command and character. */
function told(kinds) {
  const lines = printed.flatMap(({ args, faults }) => faults.filter(({ is }) => kinds.includes(is))
    .map(({ is, code, where }) => `${of_group(args)}: ${is} U+${code} in ${where}`));
  return [...new Map(lines.map((line) => [line.replace(/ in .*/, ''), line])).values()].slice(0, 60);
}

function no_forged_line({ text, err, one, args }, but = []) {
  if (one === undefined) return;
  const lines = `${text}\n${err}`.split('\n').map((line) => line.trim());
  for (const forged of forged_lines(one.text)) {
    assert.ok(but.includes(forged.trim()) || !lines.includes(forged.trim()), `${args.join(' ').slice(0, 60)}: ${one.name} makes the line ${forged}`);
  }
}

/** Without what a screen is wrapped in. */
const unwrapped = (text) => text.replaceAll(/\n {2}[|:] /g, '');

test('what a gateway takes is a text: half a character is refused, and nothing of it is recorded', options, async () => {
  const halves = HOSTILE_TEXTS.filter((one) => !is_text(one));
  assert.ok(halves.length > 2);
  for (const { name, text } of halves) {
    const raw = (params) => JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'tools/call',
      params: { ...params, _meta: { 'io.modelcontextprotocol/protocolVersion': '2026-07-28' } } });
    for (const params of [{ name: 'probe', arguments: { value: text } }, { name: 'probe', arguments: { [text]: 1 } }]) {
      const { json, text: answer } = await story.send('a', 'tools/call', {}, { name: 'probe', raw: raw(params) });
      assert.ok(json?.error !== undefined, `${name}: ${answer.slice(0, 200)}`);
      assert.deepEqual(seen(Buffer.from(answer).toString('latin1')).faults, [], name);
    }
  }
  assert.ok(story.asked.length > 600);
  assert.equal(story.held_by('value', 'argument', 'tool', 'resource').filter(({ id }) => id === undefined).length, 0);
});

test('approvals show: the whole of each value and name, on lines of its own', options, async () => {
  await each(story.held_by('value', 'argument', 'tool', 'resource'), async ({ one, id, way }) => {
    const row = await show(['approvals', 'show', id], one);
    assert.equal(row.code, 0, row.err);
    no_forged_line(row);
    const whole = unwrapped(row.text);
    assert.ok(one.shows === '' || whole.includes(one.shows.replaceAll('"', '\\"')) || whole.includes(one.shows),
      `${one.name} as ${way}: ${one.shows} is not to be seen`);
    assert.ok(Buffer.byteLength(row.text) < one.text.length * MOST_BYTES_A_CHARACTER * 5 + 100_000, `${one.name}: output stays bounded`);
    assert.match(row.text, /^arguments +\d+ bytes, with that digest/m, 'its size is told');
  });
});

test('approvals show: the break of a line makes no value', options, async () => {
  const wrong = [];
  for (const { one, id } of story.held_by('value')) {
    const { text } = printed.find(({ args }) => args[2] === id);
    const begun = text.split('\nexact text')[0].split('\n').filter((line) => line.startsWith('  | /'));
    if (begun.length !== 3) wrong.push(`${one.name}: ${begun[2]}`);    // name, value and list begin a line
  }
  assert.deepEqual(wrong, []);
});

test('approvals show: the name of an argument does not end by itself', options, async () => {
  const wrong = [];
  for (const { one, id } of story.held_by('argument').filter(({ one: { category } }) => category !== 'padding')) {
    const { text } = printed.find(({ args }) => args[2] === id);
    const whole = unwrapped(text.split('\nexact text')[0].split(/\narguments .*/)[1]);
    const shown = whole.slice(whole.indexOf('"probe"') + '"probe"'.length);
    const name = shown.startsWith('"') ? '' : shown.slice(0, shown.indexOf(' "harmless"'));
    if (/[ "]/.test(name)) wrong.push(`${one.name}: ${name.slice(0, 60)}`);
  }
  assert.deepEqual(wrong, []);
});

test('lists of what waits: one line for each, and no more', options, async () => {
  const { text, code } = await show(['approvals', 'list']);
  assert.equal(code, 0);
  assert.deepEqual(text.trim().split('\n').filter((line) => !/^[0-9a-f-]{36} {2}pending /.test(line)), []);
  assert.equal(text.trim().split('\n').length, story.held.length);
});

test('approvals watch: the same as a list of all of them', options, async () => {
  const child = spawn(PAWL_BIN, ['approvals', 'watch', ...config()], { stdio: ['ignore', 'pipe', 'pipe'] });
  let bytes = '';
  for (const stream of [child.stdout, child.stderr]) stream.setEncoding('latin1').on('data', (chunk) => { bytes += chunk; });
  try {
    await wait_for('all that waits', () => (bytes.split('\napproval  ').length >= story.held.length ? true : undefined), { within_ms: 120_000 });
  } finally {
    child.kill('SIGTERM');
    await once(child, 'close');
  }
  const { text, faults } = seen(bytes);
  printed.push({ args: ['approvals', 'watch'], text, err: '', faults });
  for (const one of HOSTILE_TEXTS.filter(is_text)) no_forged_line({ args: ['approvals', 'watch'], text, err: '', one });
});

test('records: why, show, tail, query, chain, replay, verify', options, async () => {
  const recorded = story.asked.filter(({ record }) => record !== undefined);      // refusals at once share a summary
  assert.ok(recorded.length > story.asked.length * 0.25, `${recorded.length} of ${story.asked.length} have a record`);
  await each(recorded, async ({ one, record }) => {
    for (const args of [['why', record], ['ledger', 'show', record]]) {
      const row = await show(args, one);
      assert.equal(row.code, 0, row.err);
      no_forged_line(row);
    }
  });
  for (const args of [['ledger', 'tail'], ['ledger', 'query', '--limit', '10000'], ['rules', 'replay'], ['status'],
    ['config', 'show'], ['operators', 'list'], ['notify', 'test'], ['scrub'], ['revoke', 'list'], ['verify', story.pawl.data]]) {
    const row = await show(args);
    for (const one of SHORT_TEXTS) no_forged_line({ ...row, one });
  }
  const { text } = printed.find(({ args }) => args[1] === 'query');
  assert.deepEqual(text.trim().split('\n').filter((line) => !/^\d+ +\d{4}-\d\d-\d\dT/.test(line)), [], 'one line for each record');
});

test('notices and the stream of events: JSON, one line each, and the texts whole', options, async () => {
  const events = await Events.open(story.pawl);
  const some = SHORT_TEXTS.filter(is_text).filter(({ category }) => ['line', 'terminal', 'json'].includes(category));
  try {
    for (const { text } of some) await story.call('a', text, { again: true });
    await wait_for('the events', () => (events.got.filter(({ event }) => event === 'approval').length >= some.length ? true : undefined));
  } finally {
    events.close();
  }
  assert.deepEqual(events.got.filter(({ data }) => data?.phase === 'approved'), [], 'no forged event');
  const got = await receiver.wait(story.held.length + some.length);
  for (const { text, is_signed } of got) {
    assert.ok(is_signed);
    assert.ok(!/[\u0000-\u001f]/.test(text), 'a body is one line without controls');
    JSON.parse(text);
  }
  const names = new Set(got.map(({ body }) => body.data.name));
  for (const { one } of story.held_by('tool')) assert.ok(names.has(one.text), one.name);
});

test('words of the command line come back as data, too', options, async () => {
  await each(SHORT_TEXTS.filter(({ text }) => in_argv(text)), async (one) => {
    for (const args of [['approvals', 'show', one.text], ['why', one.text], ['ledger', 'show', one.text],
      ['ledger', 'query', '--tool', one.text], ['ledger', 'query', '--since', one.text], ['ledger', 'chain', one.text], [one.text],
      ['rules', 'explain', '--agent', one.text, '--server', 's', '--tool', one.text, '--arg', `x=${one.text}`],
      ['rules', 'check', one.text], ['stop', `tool:s/${one.text}`, '--reason', one.text], ['revoke', `agent:${one.text}`],
      ['verify', one.text], ['operators', 'remove', one.text], ['vault', one.text]]) {
      no_forged_line(await show(args, one));
    }
  });
  for (const args of [['status'], ['ledger', 'query', '--kind', 'stop.applied', '--limit', '1000']]) {
    const row = await show(args);
    for (const one of SHORT_TEXTS) no_forged_line({ ...row, one });
  }
});

test('names of the configuration: taken or refused, never shown raw', options, async () => {
  await each(SHORT_TEXTS.filter(is_text), async (one) => {
    const file = join(story.pawl.folder, `named-${SHORT_TEXTS.indexOf(one)}.yaml`);
    for (const [agents, servers] of [[{ [one.text]: {} }, {}], [{}, { [one.text]: { url: 'http://127.0.0.1:9/mcp' } }],
      [{ a: { groups: [one.text], owner: one.text } }, { s: { url: one.text } }]]) {
      await writeFile(file, JSON.stringify({ listen: '127.0.0.1:0', data: story.pawl.data, domain: 'example.org', agents, servers,
        rules: [one.text] }));
      const { stdout, stderr } = await story.pawl.run(['config', 'check', '--config', file], { encoding: 'latin1' });
      const looks = [seen(stdout), seen(stderr)];
      printed.push({ args: ['config', 'check'], text: looks[0].text, err: looks[1].text, faults: looks.flatMap(({ faults }) => faults) });
      no_forged_line({ args: ['config', 'check'], text: looks[0].text, err: looks[1].text, one });
    }
  });
});

test('no byte of all that was printed steers a terminal', options, () => {
  assert.ok(printed.length > 1200, `${printed.length} outputs were looked at`);
  assert.deepEqual(told(['control', 'not UTF-8']), []);
});

test('nothing of all that was printed is invisible, or turns the direction', options, () => {
  assert.deepEqual(told(['hidden']), []);
});

test('no other space and no heap of marks is shown as it is', options, () => {
  assert.deepEqual(told(['blank', 'stacked']), []);
});

test('the log of the daemon: a JSON object a line', options, async () => {
  for (const line of (await story.pawl.log()).trim().split('\n')) assert.equal(typeof JSON.parse(line).event, 'string');
});

test('the log of the daemon: no character that steers a terminal, or is not seen', options, async () => {
  const { faults } = seen(Buffer.from(await story.pawl.log()).toString('latin1'));
  const kinds = new Set(faults.filter(({ is }) => is === 'control' || is === 'hidden').map(({ is, code }) => `${is} U+${code}`));
  assert.deepEqual([...kinds], []);
});

test('a server that babbles: nothing of it is in the log for people, or in any answer', options, async (t) => {
  const pawl = await Pawl.start({ init: true, agents: { a: {} }, rules: [ALLOW_ALL], serve_args: ['--log', 'text'],
    servers: { s: { command: [process.execPath, fileURLToPath(new URL('servers/babbling.mjs', import.meta.url))] } } });
  t.after(() => pawl.close());
  const agent = new RawAgent({ url: pawl.mcp_url('s'), key: pawl.keys.a });
  t.after(() => agent.close());
  assert.equal((await agent.call('x', { v: 1 })).body.result.content[0].text, 'done');
  const { body, record } = await agent.call('x', { die: true });
  assert.equal(body.result.isError, true);
  const outputs = [await pawl.log()];
  assert.match(outputs[0], /upstream/);
  for (const args of [['status'], ['ledger', 'tail'], ['why', record], ['ledger', 'show', record]]) {
    const { stdout, stderr } = await pawl.run([...args, '--config', pawl.config_file]);
    outputs.push(stdout, stderr);
  }
  for (const output of outputs) {
    assert.deepEqual(seen(Buffer.from(output).toString('latin1')).faults, []);
    assert.ok(!output.includes('BABBLED') && !output.includes('approve by ada'));
  }
});

test('approvals propose: what is printed is a rule that loads, allows that call and no other', options, async () => {
  const wrong = [];
  await each(story.held_by('value', 'argument', 'tool').filter(({ one, way }) => in_argv(one.text) && (way === 'tool' || one.text.length <= 128)),
    async ({ one, id, way }) => {
      const row = await show(['approvals', 'propose', id], one);
      if (way === 'tool' && one.text.includes('*')) {    // a rule would read a glob
        assert.equal(row.code, 1);
        assert.match(row.err, /no rule can name this call alone/);
        return;
      }
      assert.equal(row.code, 0, row.err);
      no_forged_line(row, ['rules:', 'then: allow']);    // a proposal has these itself
      const bad = row.faults.filter(({ is }) => is === 'control' || is === 'hidden');
      if (bad.length > 0) wrong.push(`${one.name} as ${way}: prints ${bad[0].code}`);
      const file = join(story.pawl.folder, `proposed-${id}.yaml`);
      await writeFile(file, row.text);
      const asks = async (tool, args) => (await story.pawl.run(['rules', 'explain', '--rules', file, '--agent', 'a', '--server', 's', '--tool', tool,
        '--arguments', JSON.stringify(args), '--json', ...config()]));
      const args = way === 'value' ? { value: one.text, list: [one.text] } : way === 'tool' ? { x: 1 } : { [one.text]: 'harmless', z: 1 };
      const tool = way === 'tool' ? one.text : 'probe';
      const right = await asks(tool, args);
      const decision = ({ stdout }) => JSON.parse(stdout || '{}').decision;
      if (decision(right) !== 'allow') {
        wrong.push(`${one.name} as ${way}: ${/"message":".*?:(\d+:\d+: [^"]*)/.exec(right.stderr)?.[1] ?? 'does not allow it'}`);
      }
      const other = await asks(way === 'tool' ? 'another' : 'probe', way === 'value' ? { value: 'another' } : way === 'tool' ? { x: 1 } : { z: 2 });
      if (decision(other) === 'allow') wrong.push(`${one.name} as ${way}: allows another call, too`);
      if (way === 'tool' && one.text.includes('"') && decision(await asks(`${one.text.split('"')[0]}\\`, { y: 2 })) === 'allow') {
        wrong.push(`${one.name}: ends its quotes, and the arguments after it count no more`);
      }
    });
  assert.deepEqual(wrong, []);
});

test('--json: valid JSON of one line, with the same content', options, async () => {
  await each(story.held_by('value', 'argument', 'tool'), async ({ one, id, way }) => {
    const { stdout } = await story.pawl.run(['approvals', 'show', id, '--json', ...config()]);
    const { params, binding } = JSON.parse(stdout);
    assert.equal(stdout.indexOf('\n'), stdout.length - 1, `${one.name}: one line`);
    const { name, arguments: args } = JSON.parse(params);
    assert.equal(way === 'tool' ? name : way === 'value' ? args.value : Object.keys(args).find((key) => key !== 'z'), one.text, one.name);
    assert.equal(binding.name, name);
  });
  const { stdout } = await story.pawl.run(['ledger', 'query', '--limit', '10000', '--json', ...config()]);
  const tools = new Set(stdout.trim().split('\n').map((line) => JSON.parse(line).tool));
  for (const { one } of story.held_by('tool')) assert.ok(tools.has(one.text), one.name);
  for (const args of [['why', 'x\u009b\n'], ['approvals', 'show', '\u202e\u001b']]) {
    const { stderr } = await story.pawl.run([...args, '--json', ...config()]);
    assert.equal(typeof JSON.parse(stderr).error.message, 'string');
  }
});
