// Receipts: C2SP tlog-proof, verified against the entry and the log's key.

import { check_inclusion, leaf_hash } from './merkle.mjs';
import { open_checkpoint } from './note.mjs';
import { decode_base64, require_that } from './proof_error.mjs';

const FIRST_LINE = 'c2sp.org/tlog-proof@v1';
const MAX_PATH = 63;

/** @param {string} text @returns {{extra?: Buffer, index: bigint, path: Buffer[],
 *   checkpoint: string}} */
export function parse_receipt(text) {
  const split = text.indexOf('\n\n');
  require_that(split > 0, 'receipt: no checkpoint');
  const lines = text.slice(0, split).split('\n');
  require_that(lines.shift() === FIRST_LINE, 'receipt: first line');
  const extra = lines[0]?.startsWith('extra ')
    ? decode_base64(lines.shift().slice('extra '.length), 'receipt: extra') : undefined;
  const index = /^index (0|[1-9][0-9]{0,18})$/.exec(lines.shift() ?? '');
  require_that(index !== null, 'receipt: index');
  require_that(lines.length <= MAX_PATH, 'receipt: path too long');
  const path = lines.map((line) => decode_base64(line, 'receipt: path'));
  require_that(path.every((hash) => hash.length === 32), 'receipt: hash is not 32 bytes');
  return { extra, index: BigInt(index[1]), path, checkpoint: text.slice(split + 2) };
}

/**
 * Throws Bad unless the log that has `log_key` says that `entry` stands in it.
 * @param {Buffer} entry the exact bytes of the entry
 * @param {string} receipt @param {import('./note.mjs').VerifierKey} log_key
 * @returns {{origin: string, index: bigint, size: bigint}}
 */
export function check_receipt(entry, receipt, log_key) {
  const { index, path, checkpoint } = parse_receipt(receipt);
  const { origin, size, root } = open_checkpoint(checkpoint, log_key);
  check_inclusion({ leaf: leaf_hash(entry), index, size, root, path });
  return { origin, index, size };
}
