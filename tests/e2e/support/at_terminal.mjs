// A program at a terminal of its own, by script(1) of Debian's bsdutils: what it prints, as it comes.
//
//   const shown = at_terminal(NODE, ['story.mjs', '--folder', place], { env });
//   const [, url] = await shown.see(/(http:\S+)\/console/);
//   const code = await shown.exit;

import { spawn } from 'node:child_process';
import { wait_for } from './wait.mjs';

const quoted = (word) => `'${word.replaceAll("'", "'\\''")}'`;

/**
 * @param {string} program @param {string[]} args @param {{env?: Record<string, string>}} [options]
 * @returns {{text: () => string, see: (pattern: RegExp, within_ms?: number) =>
 *   Promise<RegExpMatchArray>, exit: Promise<number | null>, kill: () => void}} text: without colors
 */
export function at_terminal(program, args, { env = {} } = {}) {
  const child = spawn('script', ['--quiet', '--flush', '--return', '--command',
    [program, ...args].map(quoted).join(' '), '/dev/null'],
  { env: { ...process.env, ...env }, stdio: ['pipe', 'pipe', 'inherit'] });
  let raw = '';
  let ended = false;
  child.stdout.setEncoding('utf8').on('data', (chunk) => { raw += chunk; });
  const exit = new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code) => { ended = true; resolve(code); });
  });
  const text = () => raw.replace(/\x1b\[[\d;]*[A-Za-z]|\r/g, '');
  return { text, exit, kill: () => child.kill(),
           see: (pattern, within_ms = 30_000) => wait_for(`${pattern} at the terminal`,
             () => pattern.exec(text()) ?? undefined,
             { within_ms, give_up: () => ended ? `it ended:\n${text()}` : undefined }) };
}
