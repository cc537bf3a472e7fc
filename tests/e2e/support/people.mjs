// People who decide on held calls: keys, enrollment statements and approval statements, true ones and
// forged ones, signed with jose. Written from docs/formats/approval.md and enrollment.md.

import { createHash, createPublicKey, generateKeyPairSync, randomUUID } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { CompactSign, SignJWT, calculateJwkThumbprint, exportJWK } from 'jose';
import { wait_for } from './wait.mjs';

export const INSTANCE = 'spiffe://example.org/pawl/gw1';
const LIFE_S = 120;
const seconds = () => Math.floor(Date.now() / 1000);

/** Canonical JSON (RFC 8785) of what statements hold: texts, integers, objects, arrays. */
export function canonical(value) {
  if (Array.isArray(value)) {
    return `[${value.map(canonical).join(',')}]`;
  }
  if (typeof value === 'object' && value !== null) {
    const members = Object.keys(value).sort()
      .map((name) => `${JSON.stringify(name)}:${canonical(value[name])}`);
    return `{${members.join(',')}}`;
  }
  return JSON.stringify(value);
}

export const digest_of = (text) => createHash('sha256').update(text).digest('base64url');

/** On whose word the call may go on: what an approval statement says of the terms. */
export const terms_digest = ({ owner, terms }) => digest_of(canonical({ owner, terms }));

/** One person with a key file. */
export class Person {
  /** @param {string} name */
  static async make(name) {
    const person = new Person();
    person.name = name;
    person.key = generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey;
    person.jwk = await exportJWK(createPublicKey(person.key));
    person.kid = await calculateJwkThumbprint(person.jwk);
    return person;
  }

  get pem() {
    return this.key.export({ type: 'pkcs8', format: 'pem' });
  }

  /** The statement on an approval as the API shows it; `other`: members that are said otherwise. */
  statement(approval, decision = 'approve', other = {}) {
    const { binding, nonce, id } = approval;
    const granted = decision === 'approve';
    return { instance: INSTANCE, approval: id, binding, binding_digest: digest_of(canonical(binding)),
      terms_digest: terms_digest(approval),
      requested: binding.digest, executed: binding.digest, decision, uses: granted ? 1 : 0,
      expires: granted ? approval.expires : 0, nonce, operator: this.name, role: 'approver',
      key: this.kid, ...other };
  }

  /** @param {object} statement @param {{key?: object, kid?: string, typ?: string}} [as] */
  sign(statement, { key = this.key, kid = this.kid, typ = 'approval+jwt' } = {}) {
    return new CompactSign(new TextEncoder().encode(canonical(statement)))
      .setProtectedHeader({ alg: 'ES256', kid, typ }).sign(key);
  }

  /** The statement that enrolls `who` (this person signs). */
  enrolls(who, roles, { bootstrap = false, jti = randomUUID(), aud = INSTANCE } = {}) {
    const iat = seconds();
    const { kty, crv, x, y } = who.jwk;
    return new SignJWT({ aud, iat, exp: iat + LIFE_S, jti,
      enrollment: { verb: 'enroll', operator: who.name, roles, key: { kty, crv, x, y },
                    ...bootstrap ? { bootstrap } : {} },
      by: { operator: this.name, key: this.kid } })
      .setProtectedHeader({ alg: 'ES256', typ: 'enrollment+jwt', kid: this.kid }).sign(this.key);
  }

  removes(who) {
    const iat = seconds();
    return new SignJWT({ aud: INSTANCE, iat, exp: iat + LIFE_S, jti: randomUUID(),
      enrollment: { verb: 'remove', operator: who.name }, by: { operator: this.name, key: this.kid } })
      .setProtectedHeader({ alg: 'ES256', typ: 'enrollment+jwt', kid: this.kid }).sign(this.key);
  }
}

/** The control listener's API. @returns {Promise<{status: number, body: any}>} */
export async function control(pawl, path, body) {
  const token = (await readFile(join(pawl.data, 'run', 'control.token'), 'utf8')).trim();
  const answer = await fetch(`${pawl.addresses.control}/api/v1/${path}`, {
    method: body === undefined ? 'GET' : 'POST', body: JSON.stringify(body),
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' } });
  return { status: answer.status, body: await answer.json() };
}

export const post_enrollment = (pawl, statement) => control(pawl, 'operators', { statement });
export const post_decision = (pawl, statement) => control(pawl, 'approvals/decide', { statement });

/** People with the role approver; the first is the founder, and an admin. @param {string[]} names */
export async function enroll(pawl, ...names) {
  const people = await Promise.all(names.map((name) => Person.make(name)));
  const [founder] = people;
  for (const person of people) {
    const bootstrap = person === founder;
    const { status, body } = await post_enrollment(pawl, await founder.enrolls(person,
      bootstrap ? ['approver', 'admin'] : ['approver'], { bootstrap }));
    if (status !== 200) {
      throw new Error(`enrolling ${person.name}: ${JSON.stringify(body)}`);
    }
  }
  return people;
}

export const approvals = async (pawl) => (await control(pawl, 'approvals')).body.approvals;

/** Waits until `count` approvals that fit are there. @returns {Promise<object[]>} */
export const pending = (pawl, { count = 1, fits = () => true } = {}) =>
  wait_for(`${count} pending approvals`, async () => {
    const found = (await approvals(pawl)).filter((one) => one.phase === 'pending' && fits(one));
    return found.length >= count ? found : undefined;
  });

/** This person decides on it. @returns {Promise<{status: number, body: any}>} */
export const decide = async (pawl, person, approval, decision = 'approve', other = {}) =>
  post_decision(pawl, await person.sign(person.statement(approval, decision, other)));
