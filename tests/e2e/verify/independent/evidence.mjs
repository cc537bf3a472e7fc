// An evidence file: the records of one workflow (evidence.md).
import { createHash } from 'node:crypto';
import { at, bad, keep_doubt, undecided } from './verdict.mjs';
import { decode_base64, decode_json_object, decode_utf8, decode_uuid, is_object } from './text.mjs';
import { check_signer, read_checkpoint } from './checkpoint.mjs';
import { check_token } from './entries.mjs';
import { read_evidence_graph } from './evidence_graph.mjs';
import { read_key_record } from './key_records.mjs';
import { import_key, thumbprint } from './keys.mjs';
import { leaf_hash, root_by_path } from './merkle.mjs';
import { ED25519, decode_verifier_key } from './note.mjs';
import { Signers } from './signers.mjs';

export const MOST_BYTES = 64 << 20;
const FORMAT = 'pawl.evidence/1';
const DEPTH = 5;
const MOST_TOKEN = 65535;
const MOST_NOTE = 1 << 20;
const MOST_HASHES = 63;
const MOST = { key_records: 4096, entries: 10000, missing: 10000 };

export const looks_like_evidence = (bytes) => /^[ \t\r\n]*\{/.test(bytes.toString('latin1'));

function check_members(where, value, names) {
  if (!is_object(value)) bad(`${where} is no object`);
  for (const name of names) if (!Object.hasOwn(value, name)) bad(`${where} has no ${name}`);
  for (const name of Object.keys(value)) if (!names.includes(name)) bad(`${where} has a ${name}`);
}

function read_list(name, value) {
  if (!Array.isArray(value)) bad(`${name} is no list`);
  if (value.length > MOST[name]) undecided(`${name} has more than ${MOST[name]}`);
  return value;
}

function check_ascending(name, values) {
  values.forEach((value, i) => {
    if (i > 0 && !(value > values[i - 1])) bad(`${name}[${i}] is not behind the one before it`);
  });
  return values;
}

function read_id(where, text) {
  const id = decode_uuid(text);
  if (id === null || text !== text.toLowerCase()) bad(`${where} is no UUID in lower case`);
  return id;
}

function read_text(where, text, most) {
  if (typeof text !== 'string' || text === '') bad(`${where} is no text`);
  const bytes = Buffer.from(text);
  if (bytes.length > most) undecided(`${where} is longer than ${most} bytes`);
  return bytes;
}

function read_entry(where, value) {
  check_members(where, value, ['index', 'token', 'proof']);
  const { index, token, proof } = value;
  if (!Number.isSafeInteger(index) || index < 0) bad(`${where}.index is no index`);
  if (!Array.isArray(proof)) bad(`${where}.proof is no list`);
  if (proof.length > MOST_HASHES) undecided(`${where}.proof has more than ${MOST_HASHES}`);
  const path = proof.map((hash) => (typeof hash === 'string' ? decode_base64(hash) : null));
  if (path.some((hash) => hash?.length !== 32)) bad(`${where}.proof is not of 32 bytes each`);
  return { index, token: read_text(`${where}.token`, token, MOST_TOKEN), path };
}

function read_entries(name, value) {
  const entries = read_list(name, value).map((one, i) => read_entry(`${name}[${i}]`, one));
  if (entries.length === 0) bad(`${name} is empty`);
  check_ascending(name, entries.map(({ index }) => index));
  return entries;
}

function check_set(name, set) {
  check_members(name, set, ['keys']);
  if (!Array.isArray(set.keys) || set.keys.length === 0) bad(`${name} has no keys`);
  for (const jwk of set.keys) {
    check_members(name, jwk, ['kid', 'kty', 'crv', 'x', 'y']);
    if (import_key(jwk) === null) bad(`${name} has no P-256 key`);
    if (thumbprint(jwk) !== jwk.kid) bad(`${name}: a kid is not the key's thumbprint`);
  }
  check_ascending(name, set.keys.map(({ kid }) => kid));
}

function read_keys(keys) {
  const operators = is_object(keys) && Object.hasOwn(keys, 'operator_keys');
  check_members('keys', keys, ['log', 'token_keys', ...(operators ? ['operator_keys'] : [])]);
  check_set('token_keys', keys.token_keys);
  if (operators) check_set('operator_keys', keys.operator_keys);
  const log = typeof keys.log === 'string' ? decode_verifier_key(keys.log) : null;
  return log ?? bad('keys.log is no verifier key');
}

// JSON.parse takes 1.0 and 1e0 for 1.
const INDEXES = /"index"\s*:\s*(?!\s|(?:0|[1-9]\d*)\s*[,}])/;

// { workflow, checkpoint, log, key_records, entries, missing }. Verifies nothing.
export function read_evidence(bytes) {
  if (bytes.length > MOST_BYTES) undecided('larger than 64 MiB');
  const text = decode_utf8(bytes);
  if (!bytes.includes(`"${FORMAT}"`)) undecided(`it does not say ${FORMAT}`);
  if (text === null) bad('it is not UTF-8');
  const file = decode_json_object(bytes, DEPTH) ?? bad('no JSON object, or a key twice');
  if (file.format !== FORMAT) bad('its format is another');
  check_members('the file', file,
    ['format', 'workflow', 'checkpoint', 'keys', 'key_records', 'entries', 'missing']);
  if (INDEXES.test(text)) bad('an index is no plain number');
  const workflow = read_id('workflow', file.workflow);
  const note = read_text('checkpoint', file.checkpoint, MOST_NOTE);
  const log = read_keys(file.keys);
  return {
    workflow,
    log,
    key_records: read_entries('key_records', file.key_records),
    entries: read_entries('entries', file.entries),
    missing: check_ascending('missing', read_list('missing', file.missing)
      .map((id, i) => read_id(`missing[${i}]`, id))),
    checkpoint: at('checkpoint', () => read_checkpoint(note)),
  };
}

// The trust root for the log that the checkpoint names: a later log of an instance is NAME/N, with
// the key of the first and no pinned head.
function trust_for(trust, { origin, size }) {
  const first_name = (name) => name.replace(/\/([2-9]|[1-9]\d+)$/, '');
  const pinned = trust.pinned !== null && BigInt(trust.pinned.size) === size ? trust.pinned : null;
  const { log } = trust;
  if (log === null || log.name === origin || first_name(log.name) !== first_name(origin)) {
    return { ...trust, pinned };
  }
  const typed = Buffer.concat([Buffer.of(ED25519), log.raw]);
  const id = createHash('sha256').update(`${origin}\n`).update(typed).digest().subarray(0, 4);
  return { ...trust, log: { ...log, name: origin, id }, pinned: null };
}

function check_head({ checkpoint, log }, trust) {
  check_signer(checkpoint, log);
  check_signer(checkpoint, trust.log);
  if (trust.pinned === null) return;
  if (!trust.pinned.root.equals(checkpoint.root)) bad('another root was pinned for this size');
}

function check_proof({ index, token, path }, { size, root }) {
  const found = root_by_path(leaf_hash(token), BigInt(index), size, path);
  if (found === null || !found.equals(root)) bad('the proof does not lead to the checkpoint');
}

// In the order of the log: [{ index, is_key_record, claims, record }].
function check_entries({ key_records, entries, checkpoint }, signers, trust, doubts) {
  const all = [...key_records.map((one) => ({ ...one, is_key_record: true })), ...entries]
    .sort((a, b) => a.index - b.index);
  check_ascending('entries of both lists', all.map(({ index }) => index));
  if (key_records[0].index !== 0) bad('the first of key_records is not entry 0');
  return all.map((one) => at(`entry ${one.index}`, () => {
    check_proof(one, checkpoint);
    const own = [];
    const claims = check_token(one.token, { ...trust, token_keys: signers.keys }, own);
    keep_doubt(own, () => signers.add(one.index, claims));
    doubts.push(...own.map((why) => `entry ${one.index}: ${why}`));
    return { ...one, claims, record: read_key_record(claims.act, claims.extension) };
  }));
}

function check_key_records(checked) {
  const since = Math.min(...checked.flatMap(({ record }) =>
    (record?.what === 'key.compromised' ? [record.since] : [])));
  for (const { index, is_key_record, claims, record } of checked) {
    const belongs = !is_key_record || index === 0 || record !== null || claims.iat >= since;
    if (!belongs) bad(`entry ${index} stands in key_records and says nothing of keys`);
  }
}

function check_missing(found, named, doubts) {
  for (const [id, { child, accounted }] of found) {
    if (!named.includes(id)) bad(`${id}, parent of entry ${child}, is missing and not named`);
    if (!accounted) doubts.push(`${id}, parent of entry ${child}, was recorded here and is missing`);
  }
  for (const id of named) if (!found.has(id)) bad(`${id} is named as missing, and is not`);
}

// { entries, size, level, partial, suspect, keys } of the records that are shown.
export function check_evidence(evidence, brought, doubts) {
  const { workflow, checkpoint, missing } = evidence;
  const trust = trust_for(brought, checkpoint);
  at('checkpoint', () => check_head(evidence, trust));
  const signers = new Signers(trust);
  const checked = check_entries(evidence, signers, trust, doubts);
  check_key_records(checked);
  const shown = checked.filter(({ is_key_record }) => !is_key_record);
  const graph = at('graph', () => read_evidence_graph(shown, workflow));
  check_missing(graph.missing, missing, doubts);
  const { keys, suspect } = signers.found(({ index }) =>
    shown.some((one) => one.index === index));
  if (suspect.entries > 0) {
    const { entries, first, last } = suspect;
    doubts.push(`${entries} of the entries ${first} to ${last} are suspect`);
  }
  if (trust.log === null) undecided('there is no trust file');
  return { entries: checked.length, size: Number(checkpoint.size), level: graph.level,
           partial: missing.length > 0, keys, suspect };
}
