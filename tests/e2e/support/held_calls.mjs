// A gateway that asks people about every probe_echo, for tests of what approvals let through. What was
// executed is what the journals of the servers behind say.

import { CompactSign, exportJWK } from 'jose';
import { generateKeyPairSync } from 'node:crypto';
import { existsSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { RawAgent } from '../crash/raw_agent.mjs';
import { PAWL_BIN, Pawl } from './pawl.mjs';
import { approvals, enroll, pending } from './people.mjs';

/** The program of the tests from which PAWL_UNPLUG takes controls, where it is built. */
export const UNPLUGGED = join(dirname(PAWL_BIN), 'pawl-unplugged');
export const no_unplugged = () => !existsSync(UNPLUGGED) && 'pawl-unplugged is not built';

export const ASK = { id: 'ask', when: { tool: 'probe_echo' }, then: { hold: { roles: ['approver'] } },
                     reason: 'people are asked first' };
const ALL = { id: 'all', when: { agent: '**' }, then: 'allow', reason: 'test' };
const ISSUER = 'https://login.example.org';

/** Who says for whom agents act: tokens of RFC 8693, whose keys `start_held` gives to the gateway. */
export class Login {
  #key = generateKeyPairSync('ec', { namedCurve: 'P-256' });

  async configured(folder) {
    const file = join(folder, 'jwks.json');
    const jwk = await exportJWK(this.#key.publicKey);
    await writeFile(file, JSON.stringify({ keys: [{ ...jwk, kid: 'login', alg: 'ES256' }] }));
    return { issuer: ISSUER, audience: ['pawl'], algorithms: ['ES256'], jwks_file: file,
             agent_claim: 'act.sub', on_behalf_of_claim: 'sub' };
  }

  /** What `agent` shows when it acts for `person`. */
  token(person, agent = 'a') {
    const iat = Math.floor(Date.now() / 1000);
    const claims = { iss: ISSUER, aud: 'pawl', sub: person, act: { sub: agent }, iat, exp: iat + 300 };
    return new CompactSign(new TextEncoder().encode(JSON.stringify(claims)))
      .setProtectedHeader({ alg: 'ES256', typ: 'at+jwt', kid: 'login' }).sign(this.#key.privateKey);
  }
}

/**
 * @param {{after: (end: () => any) => void}} context the test's
 * @param {{legacy: {url: string}, modern: {url: string}}} references
 * @param {{people?: string[], rules?: object[], approval?: object, login?: Login, folder?: string,
 *          pawl?: object}} [options] people: the first is an admin, too; rules: before the one that
 *   allows; folder: for the login's keys; pawl: more options of Pawl.start
 */
export async function start_held(context, references, { people = ['ann'], rules = [ASK], approval = {},
  login, folder, pawl: more = {} } = {}) {
  const pawl = await Pawl.start({ init: true, agents: { a: {}, b: {} }, rules: [...rules, ALL],
    servers: { legacy: { url: references.legacy.url }, modern: { url: references.modern.url } },
    config: { approval: { patience_s: 0, ...approval },
      ...login === undefined ? {} : { jwt_issuers: [await login.configured(folder)] } }, ...more });
  context.after(() => pawl.close());
  return { pawl, people: await enroll(pawl, ...people) };
}

/** @param {string} [key] instead of the agent's own */
export function raw_agent(context, pawl, agent = 'a', key = pawl.keys[agent]) {
  const one = new RawAgent({ url: pawl.mcp_url('modern'), key });
  context.after(() => one.close());
  return one;
}

/** What became of a call. @returns {{asked?: string, refused?: object, error?: object}} asked: the
 *  approval that it waits for; none of them: it went through */
export function end_of({ body: { result, error } }) {
  return { asked: result?._meta?.['pawl.record/approval']?.id,
           refused: result?._meta?.['pawl.record/refusal'], error };
}

export const went_through = (answer) => Object.values(end_of(answer)).every((one) => one === undefined);

/** A call to server `s` that people are asked about. @returns {Promise<{one: object,
 *  goes_through: () => Promise<boolean>, close: () => void}>} one: its approval */
export async function held_call(pawl, args) {
  const agent = new RawAgent({ url: pawl.mcp_url('s'), key: pawl.keys.a });
  const call = () => agent.call('probe_echo', args);
  const known = new Set((await approvals(pawl)).map(({ id }) => id));
  await call();
  const [one] = await pending(pawl, { fits: ({ id }) => !known.has(id) });
  return { one, goes_through: async () => went_through(await call()), close: () => agent.close() };
}

/** How often servers of this era executed the tool. */
export const executed = async (references, era = 'modern') =>
  (await references.calls(era)).filter(({ tool }) => tool === 'probe_echo').length;

/** How many calls wait for people, as of a second ago. */
export async function held_now(pawl) {
  const text = await (await fetch(`${pawl.addresses.control}/metrics`)).text();
  return Number(/^pawl_state\{name="held_calls"\} (\d+)$/m.exec(text)[1]);
}
