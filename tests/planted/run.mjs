// `./test planted [TEXT...]`: plants each defect of defects.mjs in a copy of the tree, builds the one
// test program that must notice, and fails if it does not. TEXT: only defects whose name has it.

import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { failed_units } from '../unplug/failed.mjs';
import { defects } from './defects.mjs';

const ROOT = join(import.meta.dirname, '../..');
const COPY = join(ROOT, 'build', 'planted');

function run(program, args, options = {}) {
  const ended = spawnSync(program, args, { encoding: 'utf8', cwd: COPY, maxBuffer: 1 << 28,
                                           timeout: 120_000, ...options });
  return { code: ended.status, text: `${ended.stdout}${ended.stderr}` };
}

const is_file = (name) =>
  statSync(join(ROOT, name), { throwIfNoEntry: false })?.isFile() ?? false;

// The files of the working tree as git knows them; a file that did not change keeps its time.
function copy_tree() {
  mkdirSync(COPY, { recursive: true });
  const files = run('git', ['ls-files', '-z', '--cached', '--others', '--exclude-standard'],
    { cwd: ROOT }).text.split('\0').filter(is_file);
  for (const name of files) {
    const to = join(COPY, name);
    const text = readFileSync(join(ROOT, name));
    if (!existsSync(to) || !readFileSync(to).equals(text)) {
      mkdirSync(dirname(to), { recursive: true });
      cpSync(join(ROOT, name), to);
    }
  }
  // What is gone from the tree goes from the copy: the build finds its files by name.
  for (const folder of ['src', 'tests']) {
    const known = new Set(files);
    for (const name of run('find', [folder, '-name', '*.cc']).text.split('\n').filter(Boolean)) {
      if (!known.has(name)) {
        rmSync(join(COPY, name));
      }
    }
  }
}

function build(programs) {
  const built = run('tools/build.sh', programs, { timeout: 3_600_000 });
  if (built.code !== 0) {
    throw new Error(`it does not build:\n${built.text.slice(-4000)}`);
  }
}

const test = ({ program, filter }) =>
  run(`build/tests/${program}`, [`--gtest_filter=${filter}`], { cwd: COPY });

// @returns the tests that failed, or what is wrong with the defect itself
function plant(defect) {
  const path = join(COPY, defect.file);
  const before = readFileSync(path, 'utf8');
  if (before.split(defect.find).length < 2) {
    return { problem: `${defect.file} has no longer ${JSON.stringify(defect.find)}` };
  }
  try {
    writeFileSync(path, before.replaceAll(defect.find, defect.replace));
    build([defect.program]);
    const failed = failed_units(test(defect));
    return failed.length > 0 ? { failed } : { problem: 'no test noticed' };
  } finally {
    writeFileSync(path, before);
  }
}

function main(wanted) {
  const chosen = defects.filter(({ name }) =>
    wanted.length === 0 || wanted.some((text) => name.includes(text)));
  copy_tree();
  const programs = [...new Set(chosen.map(({ program }) => program))];
  build(programs);
  for (const defect of chosen) {
    const { code, text } = test(defect);
    if (code !== 0) {
      throw new Error(`${defect.program} fails without a defect:\n${text.slice(-4000)}`);
    }
  }
  console.log(`without a defect: ${programs.join(', ')} pass\n`);
  let missed = 0;
  for (const defect of chosen) {
    const { failed, problem } = plant(defect);
    missed += problem === undefined ? 0 : 1;
    console.log(`${defect.kind}: ${defect.name}\n    -> ${problem ?? failed.join(', ')}`);
  }
  console.log(`\n${chosen.length} defects planted, ${missed} not caught`);
  return chosen.length > 0 && missed === 0 ? 0 : 1;
}

process.exitCode = main(process.argv.slice(2));
