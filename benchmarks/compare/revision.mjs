// Another revision of the program, built with the benchmarks of this tree.
//
// Its files get a folder of their own under benchmarks/out/compare, which stays: the next build of
// the same revision has nothing to do.

import { execFileSync } from 'node:child_process';
import { cp, mkdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';

const BUILD = 'build-bench';

const git = (root, ...args) =>
  execFileSync('git', ['-C', root, ...args], { encoding: 'utf8' }).trim();

/**
 * @param {string} root of this tree @param {string} revision anything that git understands
 * @returns {Promise<{name: string, pawl: string, bench_binary: (name: string) => string}>}
 */
export async function build_revision(root, revision) {
  const commit = git(root, 'rev-parse', '--verify', `${revision}^{commit}`);
  const tree = join(root, 'benchmarks', 'out', 'compare', commit.slice(0, 12));
  if (await stat(tree).catch(() => undefined) === undefined) {
    await mkdir(tree, { recursive: true });
    const files = execFileSync('git', ['-C', root, 'archive', commit], { maxBuffer: 1 << 30 });
    execFileSync('tar', ['-x', '-C', tree], { input: files });
  }
  // The benchmarks of this tree measure both, else a changed benchmark would look like a change.
  const benchmarks = join(tree, 'benchmarks');
  await rm(benchmarks, { recursive: true, force: true });
  const files = git(root, 'ls-files', '--cached', '--others', '--exclude-standard', 'benchmarks');
  for (const file of files.split('\n')) {
    await cp(join(root, file), join(tree, file));
  }
  const build = (...what) =>
    execFileSync(join(benchmarks, 'build.sh'), [BUILD, ...what], { stdio: ['ignore', 2, 2] });
  build('pawl');
  try {
    build('-k', '0', 'pawl_benches');
  } catch {
    // A benchmark of what that revision does not have. A part that needs it will not find it.
    process.stderr.write(`bench: not every benchmark can be built with ${revision}\n`);
  }
  return { name: commit.slice(0, 12), pawl: join(tree, BUILD, 'pawl'),
    bench_binary: (name) => join(tree, BUILD, 'benchmarks', name) };
}
