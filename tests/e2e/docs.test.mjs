// Pages against the program: every log event of the code is on its page and the reverse, every
// metric of a running daemon is on its page, every link between pages leads somewhere, and the
// commands of the operations pages are commands that exist.

import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { ALLOW_ALL, PAWL_BIN, Pawl, no_pawl } from './support/pawl.mjs';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const OPERATIONS = join(ROOT, 'docs/operations');
const page = (name) => readFileSync(join(OPERATIONS, name), 'utf8');
const sources = readdirSync(join(ROOT, 'src'), { recursive: true })
  .filter((name) => name.endsWith('.cc')).map((name) => readFileSync(join(ROOT, 'src', name), 'utf8'));
const rows = (text) => [...text.matchAll(/^\| `([a-z_]+)` \|/gm)].map(([, name]) => name);
const sorted = (names) => [...new Set(names)].sort();

test('logs.md has exactly the events of the code, with their levels', () => {
  const in_code = new Map();
  for (const source of sources) {
    for (const [, level, event] of
      source.matchAll(/\blog\(\s*LogLevel::k(\w+),\s*"([a-z_]+)"/g)) {
      in_code.set(event, level.toLowerCase());
    }
    const calls = [...source.matchAll(/\blog\(\s*LogLevel::/g)].length;
    const named = [...source.matchAll(/\blog\(\s*LogLevel::k\w+,\s*"/g)].length;
    assert.equal(calls, named, 'an event is a literal');
  }
  const text = page('logs.md').split('## Every event')[1];
  assert.deepEqual(sorted(rows(text)), sorted(in_code.keys()));
  for (const [event, level] of in_code) {
    assert.ok(text.includes(`| \`${event}\` | ${level} |`), `${event} is ${level}`);
  }
});

test('every page link leads to a page', () => {
  for (const name of readdirSync(join(ROOT, 'docs'), { recursive: true })
    .filter((file) => file.endsWith('.md'))) {
    const file = join(ROOT, 'docs', name);
    for (const [, target] of readFileSync(file, 'utf8').matchAll(/\]\(([^)#:\s]+)(?:#[^)]*)?\)/g)) {
      assert.ok(existsSync(resolve(dirname(file), target)), `${name}: ${target}`);
    }
  }
});

test('a scrape has no metric that metrics.md does not name', { skip: no_pawl() }, async () => {
  const pawl = await Pawl.start({ rules: [ALLOW_ALL] });
  try {
    const text = await (await fetch(`${pawl.addresses.control}/metrics`)).text();
    const live = [...text.matchAll(/^# TYPE (\S+) (\S+)$/gm)];
    const named = page('metrics.md');
    assert.ok(live.length > 10);
    for (const [, name, type] of live) {
      assert.ok(named.includes(`| \`${name}\` | ${type} |`), `${name} ${type}`);
    }
    assert.match(text, /^pawl_bugs_total 0$/m);
  } finally {
    await pawl.close();
  }
});

/** Command lines of shell blocks, continued lines joined. */
function commands_of(text) {
  return [...text.matchAll(/```sh\n([\s\S]*?)```/g)].flatMap(([, block]) =>
    block.replaceAll('\\\n', ' ').split('\n'))
    .map((line) => line.replace(/\s+#.*$/, '').trim()).filter(Boolean);
}

test('every pawl command on the operations pages exists and takes its options',
  { skip: no_pawl() }, () => {
    const help = new Map();
    const help_of = (words) => {
      const key = words.join(' ');
      if (!help.has(key)) {
        help.set(key, execFileSync(PAWL_BIN, [...words, '--help'], { encoding: 'utf8' }));
      }
      return help.get(key);
    };
    const root_help = help_of([]);
    let checked = 0;
    for (const name of readdirSync(OPERATIONS).filter((file) => file.endsWith('.md'))) {
      for (const line of commands_of(page(name))) {
        for (const [, words] of line.matchAll(/(?:^|&& |\| |sudo (?:-u \w+ )?)pawl ([^|&>]*)/g)) {
          const [command, second] = words.trim().split(/\s+/);
          assert.match(root_help, new RegExp(`^\\s+${command}\\b`, 'm'), `${name}: ${line}`);
          const own = help_of([command]);
          const group = second !== undefined && !second.startsWith('-') && new RegExp(`^  ${second}\\s`, 'm').test(own);
          const text = own + (group ? help_of([command, second]) : '') + root_help;
          for (const [option] of words.split(' -- ')[0].matchAll(/--[a-z-]+/g)) {
            assert.ok(text.includes(option), `${name}: ${option} of: ${line}`);
          }
          ++checked;
        }
      }
    }
    assert.ok(checked > 40, `${checked} commands`);
  });
