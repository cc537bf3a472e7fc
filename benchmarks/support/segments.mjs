// Reads the frames of a ledger's segments, by docs/formats/segment.md alone: how many records there
// are, of which outcome, and how large a batch is.

import { readFile, readdir } from 'node:fs/promises';
import { join } from 'node:path';

const HEADER = 64;
const FRAME = 32;
const ID = 16;
const KINDS = { 1: 'intents', 2: 'entries', 3: 'checkpoints' };

const padded = (size) => Math.ceil(size / 8) * 8;

/** The outcome that a record states; undefined: it is about something else than a call. */
function outcome_of(token) {
  const claims = JSON.parse(Buffer.from(token.split('.')[1], 'base64url').toString('utf8'));
  return claims.ect_ext?.['pawl.tool']?.outcome;
}

/**
 * @param {string} data the data folder, of a daemon that has ended
 * @returns {Promise<{intents: number, entries: number, checkpoints: number, bytes: number,
 *   files_bytes: number, outcomes: Record<string, number>}>}
 *   bytes: of all frames; files_bytes: of the files; outcomes: records of calls, by outcome
 */
export async function read_segments(data) {
  const found = { intents: 0, entries: 0, checkpoints: 0, bytes: 0, files_bytes: 0, outcomes: {} };
  const folder = join(data, 'ledger', 'segments');
  for (const name of (await readdir(folder)).sort()) {
    const segment = await readFile(join(folder, name));
    found.files_bytes += segment.length;
    for (let at = HEADER; at + FRAME <= segment.length && segment.readUInt32BE(at) !== 0;) {
      const kind = KINDS[segment[at + 4]];
      const length = segment.readUInt32BE(at + 16);
      if (kind === undefined || segment.toString('latin1', at, at + 4) !== 'PAWL') {
        throw new Error(`${name}: no frame at ${at}`);
      }
      if (kind === 'entries') {
        const token = segment.toString('latin1', at + FRAME + ID, at + FRAME + length);
        const outcome = outcome_of(token);
        if (outcome !== undefined) {
          found.outcomes[outcome] = (found.outcomes[outcome] ?? 0) + 1;
        }
      }
      found[kind] += 1;
      found.bytes += padded(FRAME + length);
      at += padded(FRAME + length);
    }
  }
  return found;
}
