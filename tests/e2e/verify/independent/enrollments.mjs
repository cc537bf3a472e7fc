// Who was enrolled when (enrollment.md; approval.md, "What a verifier checks").
import { isDeepStrictEqual } from 'node:util';
import { bad, undecided } from './verdict.mjs';
import { decode_uuid, is_object } from './text.mjs';
import { check_jws, read_jws } from './jws.mjs';
import { import_ed25519, import_key, thumbprint } from './keys.mjs';

const MOST_BYTES = 8192;
const LONGEST_LIFE = 300;
const CLOCK_SKEW = 30;
const LONGEST_WAIT = 300;
const SAID = ['operator', 'roles', 'key', 'passkey', 'bootstrap', 'kid'];

export const is_time = (value) => Number.isSafeInteger(value) && value >= 0;
export const is_name = (value) => typeof value === 'string' && /^[!#-[\]-~]{1,256}$/.test(value);
const are_names = (list) => Array.isArray(list) && list.every(is_name);

export function check_members(what, value, must, may = []) {
  if (!is_object(value)) bad(`${what} is no object`);
  for (const name of must) if (!Object.hasOwn(value, name)) bad(`${what} has no ${name}`);
  for (const name of Object.keys(value)) {
    if (!must.includes(name) && !may.includes(name)) bad(`${what} has a ${name}`);
  }
}

// The time that a body says is that of its record.
export function check_at(at, iat) {
  if (!is_time(at) || at > iat + CLOCK_SKEW || at < iat - LONGEST_WAIT) bad('it says another time');
}

// Of a key what makes its thumbprint.
function what_is_said(of) {
  const said = Object.fromEntries(SAID.map((name) => [name, of[name]]));
  const { crv, kty, x, y } = said.key ?? {};
  return { ...said, key: { crv, kty, x, y } };
}

function read_statement(text) {
  if (typeof text !== 'string') bad('no operator signed it');
  const jws = read_jws(Buffer.from(text), { most: MOST_BYTES, types: ['enrollment+jwt'] });
  check_members('the statement', jws.payload, ['aud', 'iat', 'exp', 'jti', 'by', 'enrollment']);
  const { iat, exp, jti, by, enrollment: said } = jws.payload;
  check_members('by', by, ['operator', 'key']);
  if (by.key !== jws.header.kid) bad('by.key is not the key that signed');
  if (!is_time(iat) || !is_time(exp) || exp < iat || exp > iat + LONGEST_LIFE) bad('iat or exp');
  if (decode_uuid(jti) === null) bad('jti is no UUID');
  if (said?.verb === 'enroll') {
    check_members('enrollment', said, ['verb', 'operator', 'roles', 'key'], ['passkey', 'bootstrap']);
    if (!are_names(said.roles) || said.roles.length < 1 || said.roles.length > 16) bad('roles');
  } else {
    if (said?.verb !== 'remove') bad('the verb');
    check_members('enrollment', said, ['verb', 'operator'], ['kid']);
  }
  if (!is_name(said.operator)) bad('the operator has no name');
  return { jws, ...jws.payload, said };
}

export class Enrollments {
  people = new Map(); // by kid: { operator, roles, key, passkey }
  anchored = false;   // the first one is known to the verifier
  misses_some = false;
  #revoked = new Map();  // by the revocation's id: the target
  #counted = new Set();
  #founded = false;
  #trusts;

  constructor(operator_keys) {
    this.#trusts = (kid) => operator_keys?.has(kid) ?? false;
  }

  is_revoked = (kid) => [...this.#revoked.values()].includes(`key:${kid}`);

  note_revocation(act, body) {
    if (act === 'identity.revoked') this.#revoked.set(body.revocation?.id, body.revocation?.target);
    else for (const id of body.revocations ?? []) this.#revoked.delete(id);
  }

  add(act, body, { iss, iat, pinned }) {
    if (body.body_hash !== undefined) {
      this.misses_some = true;
      undecided('its body was too large and holds only a digest');
    }
    const { jws, aud, iat: signed, exp, jti, by, said } = read_statement(body.statement);
    const verb = act === 'operator.enrolled' ? 'enroll' : 'remove';
    const recorded = { ...what_is_said(body), verb, id: body.id, until: body.until, by: body.by };
    const stated = { ...what_is_said(said), verb: said.verb, id: jti, until: exp, by };
    if (!isDeepStrictEqual(recorded, stated)) bad('the operator signed something else');
    check_at(body.at, iat);
    if (aud !== iss) bad('made for another instance');
    if (body.at > exp || signed > body.at + CLOCK_SKEW) bad('expired, or from the future');
    this.#check_signer(jws, by, said);
    if (this.#counted.has(jti)) bad('this statement counted already');
    this.#check_first(by, said);
    this.#apply(said);
    this.#counted.add(jti);
    if (said.bootstrap) this.anchored = this.#trusts(by.key) || (pinned && !this.misses_some);
  }

  #check_signer(jws, { key: kid }, said) {
    const own = said.bootstrap === true && thumbprint(said.key) === kid;
    const key = own ? import_key(said.key) : this.people.get(kid)?.key;
    if (!key && this.misses_some) undecided('not shown: who signed it was enrolled elsewhere');
    if (!key) bad('signed by nobody who is enrolled');
    check_jws(jws, new Map([[kid, key]]));
    if (this.is_revoked(kid)) bad('the key that signed it had been revoked');
  }

  #check_first(by, said) {
    if (said.bootstrap === undefined) {
      const person = this.people.get(by.key);
      if (person?.operator !== by.operator || !person.roles.includes('admin')) bad('signed by no admin');
      return;
    }
    if (said.bootstrap !== true) bad('bootstrap is not true');
    if (this.#founded) bad('the first operator was enrolled already');
    if (by.operator !== said.operator || !said.roles.includes('admin')) bad('a first one who is none');
  }

  #apply({ verb, operator, roles, key: jwk, passkey, kid: only }) {
    const after = new Map(this.people);
    if (verb === 'enroll') {
      const key = import_key(jwk) ?? (passkey && import_ed25519(jwk)) ?? undecided('a key of another kind');
      const kid = thumbprint(jwk);
      const known = after.get(kid);
      if (known !== undefined && known.operator !== operator) bad("this key is another operator's");
      after.set(kid, { operator, roles, key, passkey });
    } else {
      const goes = [...after].filter(([kid, one]) => one.operator === operator && (only ?? kid) === kid);
      if (goes.length === 0) bad('nobody of this name and key is enrolled');
      for (const [kid] of goes) after.delete(kid);
    }
    if (![...after.values()].some((one) => one.roles.includes('admin'))) bad('no admin would be left');
    this.people = after;
    this.#founded = true;
  }
}
