// Makes tests/vectors/webauthn/passkeys.json from docs/formats/passkey.md with Node's cryptography and
// the npm package cborg: registrations and assertions, each bad one with one thing wrong, and what each
// is taken for. Run by hand; the keys are public and protect nothing.
//
//   ./node22 verify/make_webauthn_vector.mjs > ../vectors/webauthn/passkeys.json

import { createHash } from 'node:crypto';
import { FLAGS, attestation, authenticator_data, client_data, cose_key, signature, thumbprint }
  from '../support/passkey.mjs';

const EC = { kty: 'EC', crv: 'P-256', x: 'tSzGVe7JMB0eqQ6EsiW8UH0Btde6Sa3Sj9Adf6vByzs',
  y: 'SzMlyHxlHdTkc-W4hJWURfTjpZnXhS37JPidczAH60M', d: 'r0vBqDFHI9TzPgc0gAwiR2T08pIF4bOAHUFg9O1v614' };
const OTHER = { kty: 'EC', crv: 'P-256', x: 'QxHWjF5BMDUblqCA9gY948FMAvB45rzI1_uOd6enNQU',
  y: '3cgCGKTBFB1YZGmrXwTRAqpS3BPUFXGe3XlTzrmpNWo', d: 'LEpzUtZRiLzieMdGUl5q9GpdmapWLdj9vgUIvyBApJ0' };
// RFC 8037, appendix A.1
const ED = { kty: 'OKP', crv: 'Ed25519', x: '11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo',
  d: 'nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A' };

const RP = { id: 'pawl.example.org', origin: 'https://pawl.example.org' };
const { UP, UV, BE, BS, AT, ED: EXTENSIONS } = FLAGS;
const CREDENTIAL = Buffer.from('0123456789abcdef0123456789abcdef', 'hex');
const b64 = (bytes) => Buffer.from(bytes).toString('base64url');
const CHALLENGE = b64(createHash('sha256').update('a challenge').digest());
const public_part = ({ kty, crv, x, y }) => (kty === 'EC' ? { kty, crv, x, y } : { kty, crv, x });

/** An assertion; what is given replaces what would be right. */
function assertion(name, expect, { key = EC, signed_by = key, counter = 8, before = 7, flags = UP | UV,
  rp_id = RP.id, known_rp = RP.id, type = 'webauthn.get', challenge = CHALLENGE, origin = RP.origin,
  more_client = {}, client, data, credential = CREDENTIAL, changed = (parts) => parts, sig, ...parts } = {}) {
  const auth = data ?? authenticator_data({ rp_id, flags, counter, ...parts });
  const said = client ?? client_data(type, challenge, origin, more_client);
  const out = changed({ auth, said, sig: sig ?? signature(signed_by, auth, said) });
  return { name, expect, credential: b64(credential), counter: before, rp_id: known_rp,
    key: public_part(key), authenticator_data: b64(out.auth), client_data: b64(out.said),
    signature: b64(out.sig), new_counter: counter };
}

const flipped = (bytes, at) => {
  const out = Buffer.from(bytes);
  out[at] ^= 1;
  return out;
};
const good_client = client_data('webauthn.get', CHALLENGE, RP.origin);
const text = (change) => Buffer.from(change(good_client.toString()));

const assertions = [
  assertion('ES256', 'valid'),
  assertion('Ed25519', 'valid', { key: ED }),
  assertion('a synchronized passkey, which counts nothing', 'valid',
    { counter: 0, before: 0, flags: UP | UV | BE | BS }),
  assertion('the first count', 'valid', { counter: 1, before: 0 }),
  assertion('with extensions of the authenticator', 'valid',
    { flags: UP | UV | EXTENSIONS, extensions: { credProtect: 2 } }),
  assertion('members that are not known', 'valid',
    { more_client: { other_keys_can_be_added_here: 'do not compare clientDataJSON against a template' } }),
  assertion('no crossOrigin', 'valid',
    { client: text((t) => t.replace(',"crossOrigin":false', '')) }),
  assertion('type of a registration', 'token_invalid', { type: 'webauthn.create' }),
  assertion('no type', 'token_invalid', { client: text((t) => t.replace('"type":"webauthn.get",', '')) }),
  assertion('another challenge', 'token_invalid',
    { challenge: b64(createHash('sha256').update('another').digest()) }),
  assertion('the challenge in base64', 'token_invalid', { challenge: `${CHALLENGE}=` }),
  assertion('no challenge', 'token_invalid',
    { client: text((t) => t.replace(`"challenge":"${CHALLENGE}",`, '')) }),
  assertion('another origin', 'token_invalid', { origin: 'https://pawl.example.net' }),
  assertion('the origin with a port', 'token_invalid', { origin: 'https://pawl.example.org:8443' }),
  assertion('the origin without TLS', 'token_invalid', { origin: 'http://pawl.example.org' }),
  assertion('the origin with a slash', 'token_invalid', { origin: 'https://pawl.example.org/' }),
  assertion('a name below', 'token_invalid', { origin: 'https://a.pawl.example.org' }),
  assertion('in a frame of another page', 'token_invalid', { more_client: { crossOrigin: true } }),
  assertion('crossOrigin that is no boolean', 'token_invalid', { more_client: { crossOrigin: 'false' } }),
  assertion('with a top origin', 'token_invalid', { more_client: { topOrigin: RP.origin } }),
  assertion('a member twice', 'token_invalid',
    { client: text((t) => t.replace('}', ',"origin":"https://pawl.example.org"}')) }),
  assertion('a member twice, spelled with an escape', 'token_invalid',
    { client: text((t) => t.replace('{', '{"\\u006frigin":"https://evil.example",')) }),
  assertion('bytes behind the client data', 'token_invalid', { client: text((t) => `${t} {}`) }),
  assertion('a byte order mark', 'token_invalid', { client: text((t) => `\uFEFF${t}`) }),
  assertion('client data that is no object', 'token_invalid', { client: Buffer.from('[]') }),
  assertion('client data over 4096 bytes', 'token_invalid', { more_client: { x: 'y'.repeat(4096) } }),
  assertion('another relying party', 'token_invalid', { rp_id: 'example.org' }),
  assertion('a passkey of another relying party', 'token_invalid', { known_rp: 'example.org' }),
  assertion('another credential', 'token_invalid', { credential: flipped(CREDENTIAL, 0) }),
  assertion('the person was not there', 'token_invalid', { flags: UV }),
  assertion('the person was not recognized', 'token_invalid', { flags: UP }),
  assertion('backed up, and may not be', 'token_invalid', { flags: UP | UV | BS }),
  assertion('the same count', 'token_invalid', { counter: 7 }),
  assertion('a lower count', 'token_invalid', { counter: 6 }),
  assertion('back to 0', 'token_invalid', { counter: 0 }),
  assertion('authenticator data cut off', 'token_invalid',
    { data: authenticator_data({ rp_id: RP.id, flags: UP | UV }).subarray(0, 36) }),
  assertion('bytes behind the authenticator data', 'token_invalid', { more: Buffer.from([0]) }),
  assertion('extensions that are announced and not there', 'token_invalid', { flags: UP | UV | EXTENSIONS }),
  assertion('extensions that are no map', 'token_invalid',
    { flags: UP | UV | EXTENSIONS, more: Buffer.from([0x80]) }),
  assertion('a new credential', 'token_invalid',
    { flags: UP | UV | AT, credential: CREDENTIAL,
      data: authenticator_data({ rp_id: RP.id, flags: UP | UV | AT, counter: 8, credential: CREDENTIAL,
        key: cose_key(EC) }) }),
  assertion('signed with another key', 'bad_signature', { signed_by: OTHER }),
  assertion('the authenticator data changed', 'bad_signature',
    { changed: ({ auth, ...rest }) => ({ auth: flipped(auth, 35), ...rest }) }),
  assertion('the client data changed', 'bad_signature',
    { changed: ({ said, ...rest }) => ({ said: Buffer.from(`${said} `), ...rest }) }),
  assertion('no signature', 'bad_signature', { sig: Buffer.alloc(0) }),
  assertion('a signature as JOSE has it', 'bad_signature', { sig: Buffer.alloc(64, 1) }),
  assertion('bytes behind the signature', 'bad_signature',
    { changed: ({ sig, ...rest }) => ({ sig: Buffer.concat([sig, Buffer.from([0])]), ...rest }) }),
  assertion('a signature of Ed25519, changed', 'bad_signature',
    { key: ED, changed: ({ sig, ...rest }) => ({ sig: flipped(sig, 3), ...rest }) }),
  assertion('a signature of Ed25519, cut off', 'bad_signature',
    { key: ED, changed: ({ sig, ...rest }) => ({ sig: sig.subarray(0, 63), ...rest }) }),
];

function registration(name, expect, { key = EC, flags = UP | UV | AT, rp_id = RP.id, counter = 0,
  type = 'webauthn.create', origin = RP.origin, challenge = CHALLENGE, credential = CREDENTIAL, cose,
  attested = {}, object, ...parts } = {}) {
  const data = authenticator_data({ rp_id, flags, counter, key: cose ?? cose_key(key),
    ...(flags & AT ? { credential } : {}), ...parts });
  return { name, expect, credential: b64(credential), key: public_part(key), new_counter: counter,
    client_data: b64(client_data(type, challenge, origin)),
    attestation_object: b64(object ?? attestation(data, attested)) };
}

const without = (label) => (map) => map.filter(([name]) => name !== label);
const with_value = (label, value) => (map) =>
  map.map(([name, old]) => [name, name === label ? value : old]);
const bad_key = (name, change, key = EC) =>
  registration(`key: ${name}`, 'token_invalid', { key, cose: cose_key(key, change) });
const none = authenticator_data({ rp_id: RP.id, flags: UP | UV | AT, credential: CREDENTIAL,
  key: cose_key(EC) });

const registrations = [
  registration('ES256', 'valid'),
  registration('Ed25519', 'valid', { key: ED, counter: 4 }),
  registration('with extensions of the authenticator', 'valid',
    { flags: UP | UV | AT | EXTENSIONS, extensions: { credProtect: 3 } }),
  registration('with the model of the authenticator', 'valid', { aaguid: Buffer.alloc(16, 7) }),
  registration('the longest id', 'valid', { credential: Buffer.alloc(1023, 5) }),
  registration('type of an assertion', 'token_invalid', { type: 'webauthn.get' }),
  registration('another challenge', 'token_invalid', { challenge: b64(Buffer.alloc(32)) }),
  registration('another origin', 'token_invalid', { origin: 'https://evil.example' }),
  registration('another relying party', 'token_invalid', { rp_id: 'evil.example' }),
  registration('the person was not there', 'token_invalid', { flags: UV | AT }),
  registration('the person was not recognized', 'token_invalid', { flags: UP | AT }),
  registration('no credential', 'token_invalid', { flags: UP | UV }),
  registration('an empty id', 'token_invalid', { credential: Buffer.alloc(0) }),
  registration('an id over 1023 bytes', 'token_invalid', { credential: Buffer.alloc(1024, 5) }),
  registration('bytes behind the key', 'token_invalid', { more: Buffer.from([0]) }),
  registration('extensions that are announced and not there', 'token_invalid',
    { flags: UP | UV | AT | EXTENSIONS }),
  registration('an attestation of a maker', 'unsupported',
    { attested: { fmt: 'packed', attStmt: { alg: -7, sig: Buffer.alloc(70) } } }),
  registration('none, with a statement', 'unsupported', { attested: { attStmt: { x: 1 } } }),
  registration('an attestation object without data', 'token_invalid',
    { object: Buffer.from([0xa2, 0x63, 0x66, 0x6d, 0x74, 0x64, 0x6e, 0x6f, 0x6e, 0x65, 0x67, 0x61, 0x74,
      0x74, 0x53, 0x74, 0x6d, 0x74, 0xa0]) }),
  registration('bytes behind the attestation object', 'token_invalid',
    { object: Buffer.concat([attestation(none), Buffer.from([0])]) }),
  registration('an attestation object cut off', 'token_invalid',
    { object: attestation(none).subarray(0, -1) }),
  registration('key: RS256', 'unsupported',
    { cose: cose_key(EC, with_value(3, -257)) }),
  registration('key: no algorithm', 'unsupported', { cose: cose_key(EC, without(3)) }),
  registration('key: ES384', 'unsupported', { cose: cose_key(EC, with_value(3, -35)) }),
  bad_key('not on its curve', with_value(-2, Buffer.alloc(32, 1))),
  bad_key('the curve P-384', with_value(-1, 2)),
  bad_key('the kind of the other algorithm', with_value(1, 1)),
  bad_key('no y', without(-3)),
  bad_key('y as a sign', with_value(-3, true)),
  bad_key('x of 31 bytes', with_value(-2, Buffer.alloc(31, 1))),
  bad_key('with a private part', (map) => [...map, [-4, Buffer.alloc(32, 1)]]),
  bad_key('Ed25519 of the curve X25519', with_value(-1, 4), ED),
  bad_key('Ed25519 without x', without(-2), ED),
];

// An approval statement (docs/formats/approval.md), signed with passkeys. Completed by the reader.
const statement = (key) => JSON.stringify({
  approval: '019ab1c2-7d10-7c3e-9a54-2f6b8c1d0e11',
  binding: { agent: 'spiffe://example.org/agent/triage',
    digest: '88p-yI74sBIe1b4rbsGW2LXrkLjI6UMpHcEb275Fetw', name: 'deploy', on_behalf_of: 'carol',
    policy: 'bGIdGgUTiniI032Saanaji4R5KztL2z9JLBasbnmG7A', server: 'files', verb: 'tool.call',
    workflow: '019ab1c1-02b4-7a90-8c11-5d0e7f3a9b42' },
  binding_digest: '7YSYZ0wCsKuGy4-_bkwEh8BKp7vK1LTcygCcWJgtDRc', decision: 'approve',
  executed: '88p-yI74sBIe1b4rbsGW2LXrkLjI6UMpHcEb275Fetw', expires: 1795464900,
  instance: 'spiffe://example.org/pawl/gw1', key: thumbprint(key),
  nonce: 'eDd7UldXtJRCf4kBT5fXmSjzk40U61HiD7XeyYNOswQ', operator: 'ada',
  requested: '88p-yI74sBIe1b4rbsGW2LXrkLjI6UMpHcEb275Fetw', role: 'approver',
  terms_digest: 'IXlWA2w3G8jrzxnJeReXdBm_DA5YWE2oRSVl2DqLtDA', uses: 1 });

function decision(name, expect, { key = EC, signed_by = key, flags = UP | UV, origin = RP.origin,
  said = statement(key), signed = said } = {}) {
  const auth = authenticator_data({ rp_id: RP.id, flags, counter: 8 });
  const client = client_data('webauthn.get', b64(createHash('sha256').update(signed).digest()), origin);
  return { name, expect, key: public_part(key), credential: b64(CREDENTIAL), statement: said,
    authenticator_data: b64(auth), client_data: b64(client), signature: b64(signature(signed_by, auth, client)) };
}

const approvals = [
  decision('ES256', 'valid'),
  decision('Ed25519', 'valid', { key: ED }),
  decision('another statement signed', 'token_invalid',
    { signed: statement(EC).replace('"deploy"', '"remove"') }),
  decision('more uses than were signed', 'token_invalid',
    { said: statement(EC).replace('"uses":1', '"uses":2'), signed: statement(EC) }),
  decision('another spelling', 'token_invalid', { said: ` ${statement(EC)}` }),
  decision('the person was not recognized', 'token_invalid', { flags: UP }),
  decision('on another page', 'token_invalid', { origin: 'https://evil.example' }),
  decision('with another key', 'bad_signature', { signed_by: OTHER }),
  decision('in the name of somebody else', 'token_invalid',
    { said: statement(EC).replace('"ada"', '"bob"') }),
  decision('in a role that she does not have', 'forbidden',
    { said: statement(EC).replace('"approver"', '"admin"') }),
  decision('with a key that nobody enrolled', 'forbidden',
    { said: statement(OTHER), signed_by: OTHER }),
];

console.log(JSON.stringify({ rp: RP, challenge: CHALLENGE, assertions, registrations, approvals },
  undefined, 1));
