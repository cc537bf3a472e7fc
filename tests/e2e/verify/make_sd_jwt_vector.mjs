// Makes tests/vectors/sd_jwt/refusals.json and disclosure.json anew, with new keys: a token for each
// reason of docs/formats/sd_jwt.md, and a record that is shown in part (docs/formats/exec_audit.md).
//
//   node make_sd_jwt_vector.mjs

import { createHash, randomBytes } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { sign_jws } from './forge.mjs';
import { leaf_hash } from './independent/merkle.mjs';
import { MadeLog, jwk_of, kid_of, new_key, path_of } from './made_evidence.mjs';

const path = (name) => fileURLToPath(new URL(`../../vectors/sd_jwt/${name}`, import.meta.url));
const write = (name, value) => writeFileSync(path(name), `${JSON.stringify(value, undefined, 1)}\n`);
const digest_of = (text) => createHash('sha256').update(text).digest('base64url');
const encoded = (json) => Buffer.from(json).toString('base64url');
const NOW = 1800000000;
const [AUDIENCE, NONCE] = ['https://verifier.example', 'n-1'];
const [issuer, holder, stranger] = [new_key(), new_key(), new_key()];
const cnf = { jwk: jwk_of(holder) };

/** "$0", "$1", ... stand for the digests of the disclosures before. */
function token({ sent = [], payload = '{}', typ = 'example+sd-jwt', key = issuer }) {
  const digests = [];
  const fill = (text) => digests.reduce((out, digest, i) => out.replaceAll(`$${i}`, digest), text);
  const disclosures = sent.map((json) => {
    const text = encoded(fill(json));
    digests.push(digest_of(text));
    return `${text}~`;
  });
  const jwt = sign_jws(key, { alg: 'ES256', kid: 'k', typ }, JSON.parse(fill(payload)));
  return `${jwt}~${disclosures.join('')}`;
}

const NAME = '["s","name","x"]';
const deep = (levels) => '['.repeat(levels) + ']'.repeat(levels);
const plain = [
  ['one member', 'ok', [NAME], '{"_sd":["$0"],"_sd_alg":"sha-256"}'],
  ['no hash algorithm named', 'ok', [NAME], '{"_sd":["$0"]}'],
  ['decoys', 'ok', [], '{"_sd":["x","y"],"a":[{"...":"z"},1]}'],
  ['an element', 'ok', ['["s",{"b":1}]'], '{"a":[1,{"...":"$0"}]}'],
  ['within another', 'ok', ['["s","b",2]', '["s","a",{"_sd":["$0"]}]'], '{"_sd":["$1"]}'],
  ['another hash algorithm', 'bad_hash_alg', [NAME], '{"_sd":["$0"],"_sd_alg":"sha-512"}'],
  ['_sd is no array', 'bad_digests', [NAME], '{"_sd":"$0"}'],
  ['a digest is no text', 'bad_digests', [], '{"_sd":[7]}'],
  ['... beside another member', 'bad_digests', [], '{"a":[{"...":"x","b":1}]}'],
  ['... outside an array', 'bad_digests', [], '{"a":{"...":"x"}}'],
  ['one digest twice', 'duplicate_digest', [NAME], '{"_sd":["$0"],"a":{"_sd":["$0"]}}'],
  ['one decoy twice', 'duplicate_digest', [], '{"_sd":["x"],"a":[{"...":"x"}]}'],
  ['one disclosure twice', 'duplicate_disclosure', [NAME, NAME], '{"_sd":["$0"]}'],
  ['nothing refers to it', 'unreferenced_disclosure', [NAME], '{"a":1}'],
  ['what holds it is withheld', 'unreferenced_disclosure', ['["s","b",2]'], '{"_sd":["x"]}'],
  ['the name _sd', 'reserved_name', ['["s","_sd",["x"]]'], '{"_sd":["$0"]}'],
  ['the name ...', 'reserved_name', ['["s","...","x"]'], '{"_sd":["$0"]}'],
  ['a name that is there', 'name_taken', [NAME], '{"name":1,"_sd":["$0"]}'],
  ['two of one name', 'name_taken', [NAME, '["t","name","y"]'], '{"_sd":["$0","$1"]}'],
  ['a member without a name', 'bad_disclosure', ['["s","x"]'], '{"_sd":["$0"]}'],
  ['an element with a name', 'bad_disclosure', [NAME], '{"a":[{"...":"$0"}]}'],
  ['four parts', 'bad_disclosure', ['["s","a",1,2]'], '{"_sd":["$0"]}'],
  ['a salt that is no text', 'bad_disclosure', ['[7,"a",1]'], '{"_sd":["$0"]}'],
  ['no JSON', 'bad_disclosure', ['[1,'], '{"_sd":["$0"]}'],
  ['expired', 'expired', [], `{"exp":${NOW}}`],
  ['expired, as disclosed', 'expired', ['["s","exp",1]'], '{"_sd":["$0"]}'],
  ['to come', 'not_yet', [], `{"nbf":${NOW + 31}}`],
  ['a time that is no number', 'bad_time', [], '{"exp":"soon"}'],
  ['too deep', 'too_deep', [], `{"a":${deep(24)}}`],
  ['as deep as may be', 'ok', [], `{"a":${deep(23)}}`],
].map(([name, reason, sent, payload]) => ({ name, reason, sd_jwt: token({ sent, payload }) }));

const good = token({ sent: [NAME], payload: '{"_sd":["$0"]}' });
const [jwt, disclosure] = good.split('~');
const others = [
  ['another type', 'bad_type', token({ typ: 'JWT' })],
  ['signed by another key', 'bad_signature', token({ key: stranger })],
  ['a forged disclosure', 'unreferenced_disclosure', `${jwt}~${encoded('["s","name","y"]')}~`],
  ['a JWT alone', 'malformed', jwt],
  ['an empty disclosure', 'bad_disclosure', `${good}~`],
  ['padding', 'bad_disclosure', `${jwt}~${disclosure}=~`],
  ['a key binding that nobody asked for', 'key_binding_unexpected', `${good}${jwt}`],
].map(([name, reason, sd_jwt]) => ({ name, reason, sd_jwt }));

const bound = token({ sent: [NAME], payload: JSON.stringify({ _sd: ['$0'], cnf }) });
const binding = ({ typ = 'kb+jwt', key = holder, ...said } = {}) => sign_jws(key, { alg: 'ES256', typ },
  { iat: NOW, aud: AUDIENCE, nonce: NONCE, sd_hash: digest_of(bound), ...said });
const bindings = [
  ['bound', 'ok', bound + binding()],
  ['not bound', 'key_binding_missing', bound],
  ['bound to nobody', 'holder_key', good + binding()],
  ['by another type', 'key_binding_type', bound + binding({ typ: 'JWT' })],
  ['by another key', 'key_binding_signature', bound + binding({ key: stranger })],
  ['for another request', 'key_binding_nonce', bound + binding({ nonce: 'n-2' })],
  ['for another verifier', 'key_binding_audience', bound + binding({ aud: 'https://b.example' })],
  ['for several verifiers', 'key_binding_audience', bound + binding({ aud: [AUDIENCE] })],
  ['of before', 'key_binding_time', bound + binding({ iat: NOW - 301 })],
  ['of tomorrow', 'key_binding_time', bound + binding({ iat: NOW + 31 })],
  ['expired itself', 'key_binding_time', bound + binding({ exp: 1 })],
  ['of other disclosures', 'key_binding_hash', bound + binding({ sd_hash: digest_of(good) })],
  ['no JWT', 'key_binding_malformed', `${bound}x.y.z`],
].map(([name, reason, sd_jwt]) => ({ name, reason, sd_jwt, key_binding: true }));

write('refusals.json', { issuer_key: { ...jwk_of(issuer), kid: 'k' }, type: 'example+sd-jwt', now: NOW,
  audience: AUDIENCE, nonce: NONCE, cases: [...plain, ...others, ...bindings] });

// A record of a log, of which the tool and the outcome are shown.
const log = new MadeLog();
const index = log.add({ id: '019c96f1-2e70-7c4b-9d1a-000000000001', wid: '8c1f0d9c-6c1e-8f3a-a1b2-c3d4e5f60718',
  body: { agent: 'triage', tool: 'read_file', outcome: 'confirmed' } });
log.add();
const entry = log.entries[index].token;
const record = JSON.parse(Buffer.from(entry.split('.')[1], 'base64url'));
const hashes = path_of(log.tree.leaves, index).map((hash) => hash.toString('base64'));
const proof = `c2sp.org/tlog-proof@v1\nindex ${index}\n${hashes.map((hash) => `${hash}\n`).join('')}\n${log.checkpoint()}`;
const member = (name, value) => {
  const text = encoded(JSON.stringify([randomBytes(16).toString('base64url'), name, value]));
  return { text, digest: digest_of(text) };
};
const body = Object.entries(record.ect_ext['pawl.tool']).map(([name, value]) => member(name, value));
const top = ['wid', 'pred'].map((name) => member(name, record[name]));
const digests = (list) => list.map(({ digest }) => digest).sort();
const { iss, jti, exec_act } = record;
const signed = sign_jws(log.first, { alg: 'ES256', kid: kid_of(log.first), typ: 'exec-audit+sd-jwt' },
  { iss, iat: NOW, exp: 253402300799, jti, exec_act, _sd: digests(top), _sd_alg: 'sha-256',
    ect_ext: { 'pawl.profile': 'urn:pawl:profile:1', 'pawl.tool': { _sd: digests(body) },
      'pawl.disclosure': { entry: leaf_hash(Buffer.from(entry)).toString('base64url'), recorded_at: record.iat,
        proof } } });
write('disclosure.json', { now: NOW + 1, trust: log.trust(), entry,
  shown: `${signed}~${body.slice(1).map(({ text }) => `${text}~`).join('')}`,
  claims: { wid: null, 'pawl.tool': { tool: 'read_file', outcome: 'confirmed' } } });
