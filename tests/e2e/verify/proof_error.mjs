// The two ways in which verification does not succeed; both differ from "good".

/** What was given is proven wrong. Exit 1. */
export class Bad extends Error {}

/** Nothing can be concluded: unreadable, unsupported, incomplete. Exit 2. */
export class Undecided extends Error {}

/** @returns {asserts condition} */
export function require_that(condition, message) {
  if (!condition) {
    throw new Bad(message);
  }
}

/** Standard base64 in its one canonical spelling. @param {string} text @returns {Buffer} */
export function decode_base64(text, what) {
  const bytes = Buffer.from(text, 'base64');
  require_that(bytes.toString('base64') === text, `${what}: not canonical base64`);
  return bytes;
}

/** Runs a verification as a command: prints one line, exits 0 good, 1 bad, 2 undecided. */
export async function run_command(verify) {
  try {
    process.stdout.write(`${JSON.stringify({ verdict: 'good', ...await verify() })}\n`);
  } catch (error) {
    const verdict = error instanceof Bad ? 'bad' : 'undecided';
    process.stdout.write(`${JSON.stringify({ verdict, reason: error.message })}\n`);
    process.exitCode = verdict === 'bad' ? 1 : 2;
  }
}
