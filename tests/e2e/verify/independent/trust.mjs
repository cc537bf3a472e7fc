// The trust file (trust.md): whose signatures count.
import { Bad, undecided } from './verdict.mjs';
import { read_checkpoint } from './checkpoint.mjs';
import { decode_base64, decode_json_object, is_object } from './text.mjs';
import { read_key_set } from './keys.mjs';
import { decode_verifier_key } from './note.mjs';

const MOST_BYTES = 4 * 1024 * 1024;

// What is known without a trust file: nothing.
export const NO_TRUST = { log: null, token_keys: null, operator_keys: null, relying_parties: [],
  pinned: null };

// A trust file that does not read decides nothing, so every fault in it is Undecided.
export function read_trust(bytes) {
  const wrong = (what) => undecided(`the trust file: ${what}`);
  if (bytes.length > MOST_BYTES) wrong('larger than 4 MiB');
  const file = decode_json_object(bytes) ?? wrong('no JSON object, or a key twice');
  if (file.format !== 'pawl.trust/1') wrong('its format is not pawl.trust/1');
  const log = typeof file.log === 'string' ? decode_verifier_key(file.log) : null;
  return {
    log: log ?? wrong('log is no verifier key'),
    token_keys: read_key_set(file.token_keys) ?? wrong('token_keys holds no usable key'),
    operator_keys:
      file.operator_keys === undefined
        ? null
        : (read_key_set(file.operator_keys) ?? wrong('operator_keys holds no usable key')),
    relying_parties:
      read_parties(file.relying_parties ?? []) ?? wrong('relying_parties are not {id, origin}'),
    pinned:
      file.pinned === undefined ? null : (read_pin(file.pinned) ?? wrong('pinned is no head')),
  };
}

function read_parties(list) {
  const is_one = (one) => is_object(one) && typeof one.id === 'string'
    && new RegExp('^https?://([^/?#@ :]+)(:[^/?#@ ]*)?$').exec(one.origin)?.[1] === one.id;
  return Array.isArray(list) && list.every(is_one) ? list : null;
}

function read_pin(pinned) {
  if (!is_object(pinned) || !Number.isSafeInteger(pinned.size) || pinned.size < 0) return null;
  const root = typeof pinned.root === 'string' ? decode_base64(pinned.root) : null;
  const { at } = pinned; // seconds; absent: nobody knows when
  if (at !== undefined && (!Number.isSafeInteger(at) || at < 0)) return null;
  if (root?.length !== 32) return null;
  if (pinned.note !== undefined && !is_note_of(pinned.note, pinned.size, root)) return null;
  return { size: pinned.size, root, ...(at !== undefined && { at }) };
}

// The note is that checkpoint; who signed it is asked where it is evidence.
function is_note_of(note, size, root) {
  if (typeof note !== 'string') return false;
  try {
    const checkpoint = read_checkpoint(Buffer.from(note));
    return checkpoint.size === BigInt(size) && checkpoint.root.equals(root);
  } catch (error) {
    if (error instanceof Bad) return false;
    throw error;
  }
}
