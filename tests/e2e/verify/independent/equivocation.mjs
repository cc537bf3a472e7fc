// Evidence that a log signed two histories (equivocation.md).
import { bad, undecided } from './verdict.mjs';
import { decode_base64, decode_json_object } from './text.mjs';
import { check_signer, read_checkpoint } from './checkpoint.mjs';
import { inner_hash } from './merkle.mjs';

const MOST_BYTES = 512 * 1024;
const MOST_HASHES = 64;

export const looks_like_equivocation = (bytes) =>
  String(decode_json_object(bytes)?.format).startsWith('pawl.equivocation/');

// { older, newer: checkpoints, proof: hashes }. Verifies nothing.
export function read_equivocation(bytes) {
  const wrong = (what) => undecided(`the evidence: ${what}`);
  if (bytes.length > MOST_BYTES) wrong('larger than 512 KiB');
  const { format, notes, proof = null } = decode_json_object(bytes) ?? wrong('no JSON object');
  if (format !== 'pawl.equivocation/1') wrong('its format is not pawl.equivocation/1');
  const are_notes = Array.isArray(notes) && notes.length === 2
    && notes.every((note) => typeof note === 'string');
  if (!are_notes) wrong('notes are no two texts');
  if (proof !== null && !(Array.isArray(proof) && proof.length > 0 && proof.length <= MOST_HASHES))
    wrong('proof is no list of 1 to 64 hashes');
  const hashes = (proof ?? []).map((hash) => (typeof hash === 'string' ? decode_base64(hash) : null));
  if (hashes.some((hash) => hash?.length !== 32)) wrong('a hash is not 32 bytes');
  const [older, newer] = notes.map((note) => read_checkpoint(Buffer.from(note)));
  return { older, newer, proof: hashes };
}

// The roots of the first `m` leaves and of all `n`, 0 < m < n, both BigInts; null when the proof has
// more hashes or fewer.
function roots_of_prefix(m, n, proof) {
  let used = 0;
  const next = () => proof[used++] ?? null;
  const join = (left, right) => (left && right ? inner_hash(left, right) : null);
  const walk = (part, whole) => {
    if (part === whole) {
      const hash = next();
      return { old: hash, all: hash };
    }
    let k = 1n;
    while (k * 2n < whole) k *= 2n;
    if (part <= k) {
      const { old, all } = walk(part, k);
      return { old, all: join(all, next()) };
    }
    const { old, all } = walk(part - k, whole - k);
    const left = next();
    return { old: join(left, old), all: join(left, all) };
  };
  const { old, all } = walk(m, n);
  return old && all && used === proof.length ? { old, all } : null;
}

// Throws Bad when it proves that the log signed two histories, Undecided when it proves nothing.
export function check_equivocation(bytes, trust) {
  if (trust.log === null) undecided('there is no trust file');
  let found;
  try {
    found = read_equivocation(bytes);
    check_signer(found.older, trust.log);
    check_signer(found.newer, trust.log);
  } catch (error) {
    undecided(`this proves nothing against the log: ${error.message}`);
  }
  const { older, newer, proof } = found;
  let other = newer.root;
  if (older.size > newer.size) undecided('the older checkpoint is larger');
  if (older.size === newer.size) {
    if (proof.length > 0) undecided('a proof between checkpoints of one size');
  } else {
    const roots = older.size > 0n ? roots_of_prefix(older.size, newer.size, proof) : null;
    if (!roots?.all.equals(newer.root)) undecided('the proof is not of the newer tree');
    other = roots.old;
  }
  if (other.equals(older.root)) undecided('the checkpoints do not contradict each other');
  bad(`the log ${older.origin} signed two histories, from size ${older.size} at the latest`);
}
