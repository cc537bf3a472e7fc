// ./test remove-syncs: leaves out one sync of src/ at a time, and expects that a promise breaks.
//
// 1. The source is searched for every place that asks for a sync: calls of File::sync,
//    Files::sync_directory and of every function that takes a CallSite and passes it on.
// 2. Each of them has to be reached by the worlds of ./test powercut, or be excepted by name.
// 3. Each that is reached is ignored in turn by the fault-injecting files. A campaign that keeps
//    every promise without it fails this script, unless the site is excepted by name.
// 4. Nothing else in src/ syncs.
// The case that noticed it last is tried first (sync_cases.txt): a second of work. When the program
// has changed so much that it notices nothing, whole campaigns look for another, which is printed.
// Exceptions: sync_exceptions.txt, "FILE FUNCTION OPERATION: reason". One that is of no use fails.
// Usage: remove_syncs.mjs [PART_OF_A_SITE...]   only sites that contain one of the texts
import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const root = join(import.meta.dirname, '../..');
const program = join(root, process.env.PAWL_BUILD ?? 'build', 'tests/powercut');

function sources() {
  return readdirSync(join(root, 'src'), { recursive: true })
    .filter((name) => /\.(cc|h)$/.test(name))
    .map((name) => ({ name, text: readFileSync(join(root, 'src', name), 'utf8') }));
}

// Comments become blanks, so that offsets and lines stay.
function withoutComments(text) {
  return text.replace(/\/\/[^\n]*/g, (comment) => ' '.repeat(comment.length));
}

// The functions that take a CallSite: a declaration or definition with that parameter.
function takers(files) {
  const names = new Set();
  for (const { text } of files) {
    for (const [, name] of withoutComments(text).matchAll(/(\w+)\(([^(){};]*)\bCallSite\b/g)) {
      names.add(name);
    }
  }
  return names;
}

// The arguments of the call whose "(" is at `open`.
function argumentsAt(text, open) {
  let depth = 0;
  for (let at = open; at < text.length; at += 1) {
    depth += text[at] === '(' ? 1 : text[at] === ')' ? -1 : 0;
    if (depth === 0) return text.slice(open + 1, at);
  }
  return '';
}

function calls(files) {
  const names = takers(files);
  const call = new RegExp(`\\b(${[...names].join('|')})\\(`, 'g');
  const found = [];
  for (const file of files) {
    const text = withoutComments(file.text);
    for (const match of text.matchAll(call)) {
      const given = argumentsAt(text, match.index + match[0].length - 1);
      if (/\bCallSite\b/.test(given) || /(^|[\s,(])from$/.test(given)) continue;
      const line = text.slice(0, match.index).split('\n').length;
      found.push({ file: file.name, line, last: line + given.split('\n').length - 1, name: match[1] });
    }
  }
  return found;
}

function otherSyncs(files) {
  const found = [];
  for (const { name, text } of files) {
    if (name.startsWith('base/os/')) continue;
    if (/\b(fsync|fdatasync|syncfs|sync_file_range|O_D?SYNC)\b/.test(withoutComments(text))) {
      found.push(name);
    }
  }
  return found;
}

function exceptions() {
  return readFileSync(join(import.meta.dirname, 'sync_exceptions.txt'), 'utf8')
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('#'))
    .map((line) => ({ site: line.slice(0, line.indexOf(':')), used: false }));
}

// "a/b.cc:12 open sync" -> "a/b.cc open sync"
const withoutLine = (site) => site.replace(/:\d+ /, ' ');

function main(wanted) {
  const failures = [];
  const files = sources();
  for (const name of otherSyncs(files)) {
    failures.push(`${name} syncs past base/files.h`);
  }
  const listed = spawnSync(program, ['--list-syncs'], { encoding: 'utf8' });
  if (listed.status !== 0) {
    console.log(listed.stdout, listed.stderr);
    return 1;
  }
  const reached = listed.stdout.split('\n').filter((line) => line !== '');
  const excepted = exceptions();
  const except = (site) => {
    const found = excepted.filter((one) => site === one.site || site.startsWith(`${one.site} `));
    found.forEach((one) => { one.used = true; });
    return found.length > 0;
  };
  const asked = calls(files);
  for (const { file, line, last, name } of asked) {
    const seen = reached.some((site) => {
      const [, where, at] = site.match(/^(.*):(\d+) /);
      return where === file && Number(at) >= line && Number(at) <= last;
    });
    if (!seen && !except(`${file} ${name}`)) {
      failures.push(`${file}:${line}: ${name}() is not reached by ./test powercut`);
    }
  }
  const sites = reached.filter((site) => wanted.length === 0 || wanted.some((w) => site.includes(w)));
  const tried = sites.filter((site) => !except(withoutLine(site)));
  console.log(`${asked.length} places in src/ ask for a sync; ${reached.length} syncs of theirs are reached`);
  console.log(`${sites.length - tried.length} excepted by name; each of ${tried.length} is left out now`);
  const run = spawnSync(program, [
    '--remove-syncs', '--survivors', '3', '--known', join(import.meta.dirname, 'sync_cases.txt'),
    ...tried], {
    stdio: 'inherit',
  });
  if (run.status !== 0) failures.push('a sync was left out, and nothing failed');
  if (wanted.length === 0) {
    for (const { site, used } of excepted) {
      if (!used) failures.push(`sync_exceptions.txt: ${site} is not needed`);
    }
  }
  failures.forEach((failure) => console.log(`FAILED: ${failure}`));
  return failures.length === 0 ? 0 : 1;
}

process.exitCode = main(process.argv.slice(2));
