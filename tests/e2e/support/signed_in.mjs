// People at the control listener: a browser as far as cookies and fields go, accounts of `pawl account`,
// the codes of a phone (RFC 6238) and a passkey.

import assert from 'node:assert/strict';
import { generateKeyPairSync, randomBytes } from 'node:crypto';
import { request } from 'node:http';
import { code_of, from_base32, present_step } from './one_time_code.mjs';
import { FLAGS, attestation, authenticator_data, client_data, cose_key, signature } from './passkey.mjs';

export const PASSWORD = 'correct horse battery staple';

/** A browser that looks at one site. */
export class Browser {
  cookies = new Map();
  csrf;

  /** @param {string} address of the control listener, with the name that people use */
  constructor(address) {
    this.address = address;
  }

  /** @returns {Promise<{status: number, headers: object, text: string, json: any}>} */
  async ask(method, path, { body, headers = {}, csrf = this.csrf, origin = this.address } = {}) {
    const url = new URL(path, this.address);
    const changes = method !== 'GET';
    const sent = {
      Host: url.host,
      ...this.cookies.size > 0 && { Cookie: [...this.cookies].map(([n, v]) => `${n}=${v}`).join('; ') },
      ...changes && { Origin: origin, 'Sec-Fetch-Site': 'same-origin' },
      ...changes && csrf !== undefined && { 'X-Pawl-Csrf': csrf },
      ...headers,
    };
    const answer = await new Promise((resolve, reject) => {
      const outgoing = request({ host: '127.0.0.1', port: url.port, path: url.pathname + url.search,
        method, headers: sent }, resolve);
      outgoing.on('error', reject);
      outgoing.end(body === undefined ? undefined : JSON.stringify(body));
    });
    let text = '';
    for await (const chunk of answer.setEncoding('utf8')) {
      text += chunk;
    }
    for (const line of answer.headers['set-cookie'] ?? []) {
      const [, name, value] = line.match(/^([^=]+)=([^;]*)/);
      value === '' ? this.cookies.delete(name) : this.cookies.set(name, value);
    }
    const json = answer.headers['content-type']?.includes('json') ? JSON.parse(text) : undefined;
    return { status: answer.statusCode, headers: answer.headers, text, json };
  }

  async sign_in(body) {
    const answer = await this.ask('POST', '/api/v1/session', { body, csrf: undefined });
    this.csrf = answer.json?.csrf;
    return answer;
  }
}

/** Somebody with an account. A code counts once, so each next one is of a later step: three in a row. */
export class Person {
  #used = 0;

  static async add(pawl, name, ...grants) {
    const person = new Person();
    person.name = name;
    const { code, stdout, stderr } = await pawl.run(['account', 'add', name,
      ...grants.flatMap((grant) => ['--grant', grant]), '--config', pawl.config_file, '--json'],
    { input: `${PASSWORD}\n` });
    assert.equal(code, 0, stderr);
    person.secret = from_base32(JSON.parse(stdout).secret);
    return person;
  }

  /** `lasting`: good for half a minute at least, also where the answer takes long. */
  code({ lasting = false } = {}) {
    this.#used = Math.max(this.#used + 1, present_step() - (lasting ? 0 : 1));
    return code_of(this.secret, this.#used);
  }

  by_code(how) {
    return { user: this.name, password: PASSWORD, code: this.code(how) };
  }
}

/** A passkey of one site, with one thing wrong where that is asked for. */
export class Key {
  credential = randomBytes(32);
  counter = 0;
  jwk = generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey.export({ format: 'jwk' });

  constructor(address) {
    this.origin = address;
    this.rp_id = new URL(address).hostname;
  }

  register(challenge, { flags = FLAGS.UP | FLAGS.UV | FLAGS.AT } = {}) {
    const data = authenticator_data({ rp_id: this.rp_id, flags, counter: this.counter,
      credential: this.credential, key: cose_key(this.jwk) });
    return { challenge,
      client_data: client_data('webauthn.create', challenge, this.origin).toString('base64url'),
      attestation_object: attestation(data).toString('base64url') };
  }

  sign(challenge, { flags = FLAGS.UP | FLAGS.UV, origin = this.origin } = {}) {
    this.counter += 1;
    const data = authenticator_data({ rp_id: this.rp_id, flags, counter: this.counter });
    const client = client_data('webauthn.get', challenge, origin);
    return { challenge, credential: this.credential.toString('base64url'),
      authenticator_data: data.toString('base64url'), client_data: client.toString('base64url'),
      signature: signature(this.jwk, data, client).toString('base64url') };
  }
}
