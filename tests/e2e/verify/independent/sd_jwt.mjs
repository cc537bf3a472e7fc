// An SD-JWT in compact form (sd_jwt.md), and a record that is shown in part (exec_audit.md). Messages
// begin with the page's reasons.
import { createHash, createPublicKey, verify } from 'node:crypto';
import { at, bad, undecided } from './verdict.mjs';
import { decode_base64url, decode_json_object, decode_utf8, is_object } from './text.mjs';
import { check_signer } from './checkpoint.mjs';
import { root_by_path } from './merkle.mjs';
import { read_receipt } from './receipt.mjs';

const MOST = { bytes: 262144, disclosure: 32768, disclosures: 512, digests: 4096, depth: 24 };
const [SKEW, BINDING_AGE] = [30, 300];
const digest_of = (text) => createHash('sha256').update(text).digest('base64url');

/** @returns {object} the processed payload, or throws */
export function check_sd_jwt(text, { key, type, algorithms = ['ES256'], now, audience, key_binding }) {
  if (Buffer.byteLength(text) > MOST.bytes) bad('too_large: more than 256 KiB');
  const parts = text.split('~');
  if (parts.length < 2) bad('malformed: no ~');
  const binding = parts.pop();
  const jwt = read_jwt(parts.shift(), 'malformed');
  const disclosures = parts.map(read_disclosure);
  if (disclosures.length > MOST.disclosures) bad('too_many_disclosures: more than 512');
  if (type !== undefined && jwt.header.typ !== type) bad(`bad_type: ${jwt.header.typ}`);
  if (!algorithms.includes(jwt.header.alg)) bad(`bad_alg: ${jwt.header.alg}`);
  check_signature(jwt, key(jwt.header) ?? undecided('unknown_key: no key'), 'bad_signature');
  const claims = new Processor(disclosures).run(jwt.payload);
  if (audience !== undefined && ![claims.aud].flat().includes(audience)) bad('wrong_audience: not for us');
  check_times(claims, now, { bad_time: 'bad_time', expired: 'expired', not_yet: 'not_yet' });
  const presented = text.slice(0, text.length - binding.length);
  check_binding(binding, { claims, presented, key_binding, algorithms, now });
  return claims;
}

function read_jwt(text, reason) {
  const [header, payload] = text.split('.').slice(0, 2)
    .map((part) => decode_base64url(part)).map((bytes) => bytes && decode_json_object(bytes, 64));
  const signature = decode_base64url(text.split('.')[2] ?? '');
  const { alg, crit } = header ?? {};
  if (text.split('.').length !== 3 || !header || !payload || !signature?.length || crit !== undefined
    || !/^(ES256|ES384|EdDSA|RS256|PS256)$/.test(alg)) bad(`${reason}: no JWS of a JSON object`);
  return { header, payload, signature, signed: text.slice(0, text.lastIndexOf('.')) };
}

function check_signature({ signed, signature }, key, reason) {
  const made_it = verify('sha256', Buffer.from(signed), { key, dsaEncoding: 'ieee-p1363' }, signature);
  if (!made_it) bad(`${reason}: it does not verify`);
}

function read_disclosure(encoded) {
  if (encoded.length > MOST.disclosure) bad('too_large: a disclosure of more than 32 KiB');
  const bytes = decode_base64url(encoded);
  const text = bytes && decode_utf8(bytes);
  // The strict reader reads objects only.
  const parts = text && decode_json_object(Buffer.from(`{"a":${text}}`), 64)?.a;
  if (!Array.isArray(parts) || ![2, 3].includes(parts.length) || typeof parts[0] !== 'string'
    || (parts.length === 3 && typeof parts[1] !== 'string')) bad('bad_disclosure: not [salt, (name,) value]');
  return { digest: digest_of(encoded), name: parts.length === 3 ? parts[1] : undefined, value: parts.at(-1) };
}

class Processor {
  #by_digest = new Map();
  #met = new Set();

  constructor(disclosures) {
    for (const one of disclosures) {
      if (this.#by_digest.has(one.digest)) bad('duplicate_disclosure: sent twice');
      this.#by_digest.set(one.digest, one);
    }
  }

  run({ _sd_alg: alg = 'sha-256', ...payload }) {
    if (alg !== 'sha-256') bad('bad_hash_alg: not sha-256');
    const claims = this.#value(payload, 1);
    if (![...this.#by_digest.keys()].every((digest) => this.#met.has(digest)))
      bad('unreferenced_disclosure: nothing refers to it');
    delete claims._sd_alg;
    return claims;
  }

  #find(digest) {
    if (typeof digest !== 'string') bad('bad_digests: not a text');
    if (this.#met.has(digest)) bad('duplicate_digest: met twice');
    if (this.#met.add(digest).size > MOST.digests) bad('too_many_digests: more than 4096');
    return this.#by_digest.get(digest);
  }

  #value(value, depth) {
    if (typeof value !== 'object' || value === null) return value;
    if (depth > MOST.depth) bad('too_deep: more than 24 levels');
    return Array.isArray(value) ? this.#array(value, depth) : this.#object(value, depth);
  }

  #object({ _sd: digests = [], ...members }, depth) {
    if (Object.hasOwn(members, '...')) bad('bad_digests: ... outside its place');
    const out = Object.fromEntries(Object.entries(members)
      .map(([name, value]) => [name, this.#value(value, depth + 1)]));
    if (!Array.isArray(digests)) bad('bad_digests: _sd is no array');
    for (const found of digests.map((digest) => this.#find(digest))) {
      if (found === undefined) continue;
      const { name, value } = found;
      if (name === undefined) bad('bad_disclosure: a member without a name');
      if (name === '_sd' || name === '...') bad(`reserved_name: ${name}`);
      if (Object.hasOwn(out, name)) bad(`name_taken: ${name}`);
      Object.defineProperty(out, name,
        { value: this.#value(value, depth + 1), enumerable: true, configurable: true, writable: true });
    }
    return out;
  }

  #array(list, depth) {
    return list.flatMap((element) => {
      const is_digest = is_object(element) && Object.keys(element).join() === '...';
      if (!is_digest) return [this.#value(element, depth + 1)];
      const found = this.#find(element['...']);
      if (found === undefined) return [];
      if (found.name !== undefined) bad('bad_disclosure: an element with a name');
      return [this.#value(found.value, depth + 1)];
    });
  }
}

function check_times({ exp, nbf }, now, reasons) {
  const is_time = (value) => value === undefined || (Number.isSafeInteger(value) && value >= 0);
  if (!is_time(exp) || !is_time(nbf)) bad(`${reasons.bad_time}: no whole seconds`);
  if (exp !== undefined && now >= exp) bad(`${reasons.expired}: exp`);
  if (nbf !== undefined && now + SKEW < nbf) bad(`${reasons.not_yet}: nbf`);
}

function check_binding(text, { claims, presented, key_binding, algorithms, now }) {
  if (key_binding === undefined) {
    if (text !== '') bad('key_binding_unexpected: nobody asked');
    return;
  }
  if (text === '') bad('key_binding_missing: it is asked for');
  const key = holder_key(claims);
  const jwt = read_jwt(text, 'key_binding_malformed');
  const { iat, aud, nonce, sd_hash } = jwt.payload;
  if (jwt.header.typ !== 'kb+jwt') bad('key_binding_type: not kb+jwt');
  if (!algorithms.includes(jwt.header.alg)) bad('key_binding_signature: alg');
  check_signature(jwt, key, 'key_binding_signature');
  if (!Number.isSafeInteger(iat) || iat > now + SKEW || iat < now - BINDING_AGE) bad('key_binding_time: iat');
  if (aud !== key_binding.audience) bad('key_binding_audience: for another');
  if (nonce !== key_binding.nonce) bad('key_binding_nonce: another request');
  if (sd_hash !== digest_of(presented)) bad('key_binding_hash: of something else');
  const late = 'key_binding_time';
  check_times(jwt.payload, now, { bad_time: late, expired: late, not_yet: late });
}

function holder_key(claims) {
  try {
    return createPublicKey({ key: claims.cnf.jwk, format: 'jwk' });
  } catch {
    return bad('holder_key: cnf.jwk is no key');
  }
}

/** A record that is shown in part. @returns {object} what is shown */
export function check_disclosure(text, trust, now) {
  const claims = check_sd_jwt(text, { key: ({ kid }) => trust.token_keys.get(kid),
    type: 'exec-audit+sd-jwt', now });
  const { entry, proof } = claims.ect_ext?.['pawl.disclosure'] ?? bad('it names no entry');
  at('proof', () => {
    const { index, path, checkpoint: head } = read_receipt(Buffer.from(proof));
    check_signer(head, trust.log);
    const leaf = decode_base64url(entry);
    const root = leaf?.length === 32 ? root_by_path(leaf, index, head.size, path) : null;
    if (root === null || !root.equals(head.root)) bad('the path does not lead from the entry to the root');
    if (trust.pinned && BigInt(trust.pinned.size) === head.size && !trust.pinned.root.equals(head.root))
      bad('the pinned head of the same size has another root');
  });
  return claims;
}
