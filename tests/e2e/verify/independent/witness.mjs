// Cosignatures and the policies that ask for them (cosignature.md, witness_policy.md).
import { verify } from 'node:crypto';
import { bad, undecided } from './verdict.mjs';
import { decode_utf8 } from './text.mjs';
import { COSIGNATURE, ED25519, decode_verifier_key } from './note.mjs';

const MOST = 256;
const MOST_TIME = 2n ** 63n - 1n;
const FORBIDDEN = /[\x00-\x08\x0b-\x1f\x7f]/;

// When the witness cosigned the note (BigInt, seconds), or null when it did not. Throws Bad when a
// line of it is false.
export function cosigned_at({ text, signatures }, { name, id, key }) {
  const times = signatures
    .filter((line) => line.name === name && line.id.equals(id))
    .map(({ signature }) => line_time(signature, text, key) ?? bad(`a line of ${name} is false`));
  return times.length === 0 ? null : times.reduce((a, b) => (a > b ? a : b));
}

function line_time(bytes, text, key) {
  if (bytes.length !== 72) return null;
  const time = bytes.readBigUInt64BE(0);
  const message = `cosignature/v1\ntime ${time}\n${text}`;
  const holds = time <= MOST_TIME && verify(null, Buffer.from(message), key, bytes.subarray(8));
  return holds ? time : null;
}

// { logs: [key], witnesses: [{ name, key }], quorum }; the quorum is a party or null (none). A party
// is { name, key } or { name, most, members: [party] }. Throws Undecided for what is no policy.
// Names are octets: here each is one character of the text.
export function read_policy(bytes) {
  const lines = bytes.toString('latin1').split('\n');
  if (lines.pop() !== '') undecided(`the policy, line ${lines.length + 1}: it has no end`);
  const policy = { logs: [], parties: new Map(), members: new Set(), quorum: undefined };
  lines.forEach((line, i) => {
    const wrong = (what) => undecided(`the policy, line ${i + 1}: ${what}`);
    if (FORBIDDEN.test(line)) wrong('a control character');
    const [word, ...items] = line.split(/[ \t]+/).filter((item) => item !== '');
    if (word === undefined || word.startsWith('#')) return;
    if (!Object.hasOwn(LINES, word)) wrong(`${word} is no line of a policy`);
    LINES[word](items, policy, wrong);
  });
  if (policy.quorum === undefined) undecided('the policy: it has no quorum');
  const witnesses = [...policy.parties.values()].filter(({ key }) => key !== undefined);
  return { logs: policy.logs, witnesses, quorum: policy.quorum };
}

const LINES = {
  log(items, { logs }, wrong) {
    if (items.length < 1 || items.length > 2) wrong('log VKEY [URL]');
    logs.push(new_key(items[0], ED25519, logs, wrong));
  },
  witness(items, { parties }, wrong) {
    if (items.length < 2 || items.length > 3) wrong('witness NAME VKEY [URL]');
    const keys = [...parties.values()].flatMap(({ key }) => key ?? []);
    define(parties, items[0], { key: new_key(items[1], COSIGNATURE, keys, wrong) }, wrong);
  },
  group(items, { parties, members }, wrong) {
    const [name, most, ...names] = items;
    if (names.length === 0) wrong('group NAME K MEMBER...');
    const named = names.map((member) => {
      if (members.has(member)) wrong(`${member} is a member already`);
      members.add(member);
      return parties.get(member) ?? wrong(`${member} is not defined`);
    });
    const number = /^[1-9]\d*$/.test(most) ? Number(most) : 0;
    const count = most === 'all' ? named.length : most === 'any' ? 1 : number;
    if (count < 1 || count > named.length) wrong(`K is ${most}`);
    if ([...parties.values()].filter((party) => party.members).length === MOST) wrong('groups');
    define(parties, name, { most: count, members: named }, wrong);
  },
  quorum(items, policy, wrong) {
    if (items.length !== 1 || policy.quorum !== undefined) wrong('one quorum, of one name');
    const [name] = items;
    policy.quorum = name === 'none' ? null : (policy.parties.get(name) ?? wrong(`who is ${name}`));
  },
};

function new_key(text, type, others, wrong) {
  const vkey = decode_utf8(Buffer.from(text, 'latin1')) ?? wrong('the key is not UTF-8');
  const key = decode_verifier_key(vkey, type) ?? wrong(`no key of type ${type}`);
  if (others.some(({ raw }) => raw.equals(key.raw))) wrong('the key stands in an earlier line');
  if (others.length === MOST) wrong(`more than ${MOST}`);
  return key;
}

function define(parties, name, party, wrong) {
  if (name === 'none' || parties.has(name)) wrong(`${name} is defined already`);
  parties.set(name, { name, ...party });
}

const is_met = (party, signers) =>
  party.members === undefined
    ? signers.has(party)
    : party.members.filter((member) => is_met(member, signers)).length >= party.most;

const witnesses_of = (party) => party.members?.flatMap(witnesses_of) ?? [party];

// { met, cosigned: [name], missing: [name] } of a checkpoint's note. Throws Bad for a false line.
export function judge({ witnesses, quorum }, note) {
  const signers = new Set(witnesses.filter(({ key }) => cosigned_at(note, key) !== null));
  const counted = quorum === null ? [] : witnesses_of(quorum);
  return {
    met: quorum === null || is_met(quorum, signers),
    cosigned: [...signers].map(({ name }) => name),
    missing: witnesses.filter((one) => counted.includes(one) && !signers.has(one))
      .map(({ name }) => name),
  };
}

// A later log of an instance is NAME/N, with the key of the first.
const first_name = (name) => name.replace(/\/([2-9]|[1-9]\d+)$/, '');
const is_same_log = (a, b) => a.raw.equals(b.raw) && first_name(a.name) === first_name(b.name);

// What `policy` (null: none) says of a checkpoint (null: none is there) of the log with the key `log`
// (null: not known). Adds to `doubts`; throws Bad for a false line. Returns what to call with the
// number of entries that were checked, a BigInt.
export function check_policy(policy, checkpoint, log, doubts) {
  if (policy === null) return () => {};
  const nobody = { met: policy.quorum === null, missing: [] };
  const { met, missing } = checkpoint === null ? nobody : judge(policy, checkpoint.note);
  if (!met) doubts.push(`the quorum is not met: no cosignature by ${missing.join(', ')}`);
  if (log !== null && policy.logs.length > 0 && !policy.logs.some((one) => is_same_log(one, log)))
    doubts.push(`the policy does not list ${log.name}`);
  return (entries) => {
    if (policy.quorum !== null && entries > (checkpoint?.size ?? 0n))
      doubts.push(`no witness saw more than ${checkpoint?.size ?? 0} of ${entries} entries`);
  };
}
