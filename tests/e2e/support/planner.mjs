// An issuer of tokens that is not Pawl, over the package jose: its keys, its words, and the answers of
// a gateway to calls that come from them.

import assert from 'node:assert/strict';
import { generateKeyPairSync, randomUUID } from 'node:crypto';
import { SignJWT, decodeJwt, exportJWK } from 'jose';
import { RawAgent } from '../crash/raw_agent.mjs';

export const PARENTS = 'pawl.record/parents';
export const TOKEN = 'pawl.record/token';

/** An issuer with one key. */
export class Planner {
  /** @param {string} iss @param {string} agent whom its tokens are made for */
  constructor(iss, agent = 'spiffe://example.org/agent/a') {
    this.iss = iss;
    this.agent = agent;
    this.pair = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    this.kid = randomUUID();
  }

  /** @returns {Promise<string>} */
  async key_set() {
    return JSON.stringify({ keys: [{ ...await exportJWK(this.pair.publicKey), alg: 'ES256',
                                     kid: this.kid }] });
  }

  words(more = {}) {
    const now = Math.floor(Date.now() / 1000);
    return { iss: this.iss, aud: [this.agent], iat: now, exp: now + 300, jti: randomUUID(),
             exec_act: 'plan.step', pred: [], ...more };
  }

  /** In dialect -01, or -00 with its names. @returns {Promise<string>} */
  sign(words, typ = 'exec+jwt') {
    const { pred, ...others } = words;
    const said = typ === 'exec+jwt' ? words : { ...others, par: pred };
    return new SignJWT(said).setProtectedHeader({ alg: 'ES256', kid: this.kid, typ })
      .sign(this.pair.privateKey);
  }
}

let next_n = 0;

/** One call of the witness server's `change` by agent a. */
export async function call(pawl, parents = [], tool = 'change') {
  const client = new RawAgent({ url: pawl.mcp_url('w'), key: pawl.keys.a });
  try {
    return await client.call(tool, { n: next_n++ },
      { meta: parents.length === 0 ? {} : { [PARENTS]: parents } });
  } finally {
    client.close();
  }
}

export function refused(answer, rule, reason) {
  assert.equal(answer.status, 403, JSON.stringify(answer.body));
  assert.equal(answer.body.error.data.rule, rule);
  assert.match(answer.body.error.message, reason);
}

/** The claims of the record of a call that was answered. */
export function claims_of(answer) {
  assert.equal(answer.status, 200, JSON.stringify(answer.body));
  assert.equal(answer.body.result.isError ?? false, false, JSON.stringify(answer.body));
  return decodeJwt(answer.headers['execution-context'] ?? answer.body.result._meta[TOKEN]);
}
export const body_of = (answer) => claims_of(answer).ect_ext['pawl.tool'];
