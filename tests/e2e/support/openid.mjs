// An OpenID provider (the npm package oidc-provider), with this test in front of its token endpoint and
// its key set: what it says can be changed, and is signed then as if it had said so.

import { createServer } from 'node:http';
import { SignJWT, decodeJwt, exportJWK, generateKeyPair, importJWK } from 'jose';
import Provider from 'oidc-provider';

export const CLIENT = { client_id: 'pawl', client_secret: 'a secret of the client' };

const listening = (server) => new Promise((resolve) => {
  server.listen(0, '127.0.0.1', () => resolve(server.address().port));
});

async function new_key(kid) {
  const { privateKey } = await generateKeyPair('ES256', { extractable: true });
  return { ...await exportJWK(privateKey), kid, alg: 'ES256', use: 'sig' };
}

async function body_of(request) {
  let text = '';
  for await (const chunk of request) {
    text += chunk;
  }
  return text;
}

export class OpenId {
  /** Changes the claims of the next ID token. @type {((claims: object) => object) | undefined} */
  change;
  /** Changes what is sent to the token endpoint. @type {((fields: URLSearchParams) => void) | undefined} */
  change_request;
  /** Of each token request: its fields. @type {URLSearchParams[]} */
  asked = [];
  #servers = [];

  /** @param {string} redirect_uri @param {Record<string, object>} people claims by login */
  static async start(redirect_uri, people) {
    const out = new OpenId();
    out.key = await new_key('k1');
    out.keys = [out.key];
    const own = createServer();
    const port = await listening(own);
    out.issuer = `http://127.0.0.1:${port}`;
    const provider = new Provider(out.issuer, {
      clients: [{ ...CLIENT, redirect_uris: [redirect_uri], id_token_signed_response_alg: 'ES256' }],
      jwks: { keys: [out.key] },
      conformIdTokenClaims: false,
      claims: { openid: ['sub'], profile: ['preferred_username', 'groups'] },
      pkce: { required: () => true },
      cookies: { keys: ['a key of the tests'] },
      findAccount: (_, id) => ({ accountId: id, claims: () => ({ sub: id, ...people[id] }) }),
    });
    own.on('request', provider.callback());
    const front = createServer((request, answer) => out.#answer(request, answer));
    out.front = `http://127.0.0.1:${await listening(front)}`;
    out.#servers = [own, front];
    return out;
  }

  async #answer(request, answer) {
    const send = (status, value) => {
      answer.writeHead(status, { 'Content-Type': 'application/json' }).end(JSON.stringify(value));
    };
    if (request.url === '/jwks') {
      send(200, { keys: this.keys.map(({ d, ...key }) => key) });
      return;
    }
    const fields = new URLSearchParams(await body_of(request));
    this.asked.push(new URLSearchParams(fields));
    this.change_request?.(fields);
    const told = await fetch(`${this.issuer}/token`, { method: 'POST', body: fields.toString(), headers: {
      'Content-Type': 'application/x-www-form-urlencoded', Authorization: request.headers.authorization } });
    const value = await told.json();
    if (value.id_token !== undefined && this.change !== undefined) {
      value.id_token = await this.sign(this.change(decodeJwt(value.id_token)));
    }
    send(told.status, value);
  }

  /** With the newest key, or `signs_with`. */
  async sign(claims) {
    const key = this.signs_with ?? this.keys.at(-1);
    return new SignJWT(claims).setProtectedHeader({ alg: 'ES256', kid: key.kid, typ: 'JWT' })
      .sign(await importJWK(key, 'ES256'));
  }

  /** From now on changed tokens are signed with a key that nobody has seen. */
  async rotate() {
    this.keys = [await new_key('k2')];
  }

  /** What the person's browser does at the provider. @returns {Promise<URL>} where it is sent back */
  async log_in(url, login) {
    const cookies = new Map();
    const go = async (to, form) => {
      const answer = await fetch(to, { redirect: 'manual', method: form ? 'POST' : 'GET',
        body: form && new URLSearchParams(form),
        headers: { Cookie: [...cookies].map(([n, v]) => `${n}=${v}`).join('; ') } });
      for (const line of answer.headers.getSetCookie()) {
        const [, name, value] = line.match(/^([^=]+)=([^;]*)/);
        cookies.set(name, value);
      }
      return { answer, text: await answer.text() };
    };
    let at = new URL(url);
    for (let steps = 0; steps < 20 && at.origin === this.issuer; ++steps) {
      const { answer, text } = await go(at);
      const next = answer.headers.get('location');
      if (next !== null) {
        at = new URL(next, at);
        continue;
      }
      const action = text.match(/<form[^>]* action="([^"]+)"/)?.[1];
      const prompt = text.match(/name="prompt" value="(\w+)"/)?.[1];
      if (action === undefined) {
        throw new Error(`the provider answers ${answer.status}: ${text.slice(0, 500)}`);
      }
      const sent = await go(new URL(action, at), { prompt, login, password: 'any' });
      at = new URL(sent.answer.headers.get('location'), at);
    }
    return at;
  }

  async close() {
    await Promise.all(this.#servers.map((server) => new Promise((resolve) => {
      server.close(resolve);
      server.closeAllConnections();
    })));
  }
}
