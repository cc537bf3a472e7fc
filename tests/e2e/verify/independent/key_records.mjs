// Which key may sign which record, by the key records of the log (key_records.md).
import { bad } from './verdict.mjs';
import { import_key, thumbprint } from './keys.mjs';
import { is_object } from './text.mjs';

export const KEY_KINDS = ['key.activated', 'key.retired', 'key.compromised'];
const PROFILE = 'urn:pawl:profile:1';
const MOST_KEYS = 1000;
const MOST_KID = 128;

const is_kid = (kid) => typeof kid === 'string' && kid !== '' && Buffer.byteLength(kid) <= MOST_KID;

// The P-256 key of a JWK under its thumbprint, else null.
export function read_record_key(jwk, kid) {
  const key = import_key(jwk);
  return key !== null && thumbprint(jwk) === kid ? key : null;
}

// What a record says about keys: { what, kid, since, next, jwk, ...body }; null for other records.
export function read_key_record(kind, extension) {
  if (extension['pawl.profile'] !== PROFILE) return null;
  if (kind === 'ledger.opened') {
    const kid = extension['pawl.ledger']?.token_key;
    return kid === undefined ? null : { what: kind, kid };
  }
  if (!KEY_KINDS.includes(kind)) return null;
  const body = extension['pawl.key'];
  if (!is_object(body) || !is_kid(body.kid)) bad('key record: it names no key');
  const jwk = is_object(body.jwk) ? body.jwk : undefined;
  if (kind === 'key.activated' && jwk === undefined) bad('key record: it brings no jwk');
  if (kind === 'key.compromised') {
    const { since, next } = body;
    if (!Number.isSafeInteger(since) || since < 0) bad('key record: since is no time');
    if (next !== undefined && (!is_kid(next) || next === body.kid)) bad('key record: bad next');
    if (next === undefined && jwk !== undefined) bad('key record: it does not name its key');
  }
  return { ...body, what: kind, jwk };
}

export class KeyValidity {
  keys = new Map();

  // `kid` signs the log's first record.
  begin(kid) {
    this.keys.set(kid, { from: 0 });
  }

  // Takes in a record that `signer` made at `index`; throws Bad when it may not say that. Returns the
  // key that begins, if one does: { kid, key }.
  apply(index, signer, recorded, { what, kid, since, next, jwk }) {
    if (what === 'ledger.opened') {
      if (kid !== signer) bad(`key ${kid} is named first, and another one signed`);
      return null;
    }
    if (what === 'key.activated') return this.#add(index, signer, recorded, kid, jwk);
    if (what === 'key.compromised') return this.#report(index, signer, recorded, kid, since, next, jwk);
    const key = this.keys.get(kid);
    if (key === undefined || key.until !== undefined) bad(`key ${kid} is retired, and was not in force`);
    if (kid === signer) bad(`key ${kid} retires itself`);
    key.until = index;
    return null;
  }

  #add(index, signer, recorded, kid, jwk) {
    if (this.keys.has(kid)) bad(`key ${kid} is activated a second time`);
    if (this.keys.size >= MOST_KEYS) bad('a log knows at most 1000 keys');
    const key = read_record_key(jwk, kid);
    if (key === null) bad(`key ${kid} is no P-256 key, or named otherwise than its thumbprint`);
    this.keys.set(kid, { from: index + 1, by: signer, at: recorded });
    return { kid, key };
  }

  #report(index, signer, recorded, kid, since, next, jwk) {
    if (since > recorded) bad(`key ${kid} is reported as compromised from a later time on`);
    let begins = null;
    if (next !== undefined) {
      if (this.keys.get(next)?.until !== undefined) bad(`key ${next} is vouched for, and was retired`);
      if (!this.keys.has(next)) begins = this.#add(index, signer, recorded, next, jwk);
      this.keys.get(next).vouched = true;
    }
    if (!this.keys.has(kid)) this.keys.set(kid, { from: 0, until: 0 }); // of an earlier log
    const key = this.keys.get(kid);
    key.since = Math.min(key.since ?? since, since);
    return begins;
  }

  // Since when what `kid` signed is suspect: { from, since }; null: it is not.
  suspicion(kid) {
    const own = this.keys.get(kid);
    let key = own;
    while (key?.by !== undefined && !key.vouched) {
      const by = this.keys.get(key.by);
      if (by.since !== undefined && key.at >= by.since) {
        return { from: -Infinity, since: Math.min(by.since, own.since ?? Infinity) };
      }
      key = by;
    }
    return own?.since === undefined ? null : { from: own.since, since: own.since };
  }

  judge(kid, index, recorded) {
    const key = this.keys.get(kid);
    if (key === undefined) return 'unknown';
    if (key.until !== undefined && index >= key.until) return 'retired';
    if (index < key.from) return 'not_yet';
    const suspicion = this.suspicion(kid);
    return suspicion !== null && recorded >= suspicion.from ? 'suspect' : 'valid';
  }
}
