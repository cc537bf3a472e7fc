// Records of the instance's own state: configuration, who is enrolled, local processes (records.md).
import { createHash } from 'node:crypto';
import { bad } from './verdict.mjs';
import { decode_base64url, is_object } from './text.mjs';

const PROFILE = 'urn:pawl:profile:1';
const AREAS = { 'config.changed': 'config', 'identity.enrolled': 'identity', 'identity.removed': 'identity',
  'process.started': 'process', 'process.exited': 'process' };
const TARGETS = ['operator', 'agent', 'reader', 'jwt_issuer', 'trust_domain', 'token_issuer', 'account'];
const UNSEEN = ['gateway_ended', 'shim_left'];
const SEEN = ['itself', 'asked', 'killed'];

const is_text = (value) => typeof value === 'string' && value !== '';
const is_digest = (value) => typeof value === 'string' && decode_base64url(value)?.length === 32;
const is_count = (value, lowest) => Number.isSafeInteger(value) && value >= lowest;

// RFC 8785 of an object of plain texts: names in order, no white space.
function digest_of(sections) {
  const text = `{${Object.keys(sections).sort()
    .map((name) => `${JSON.stringify(name)}:${JSON.stringify(sections[name])}`).join(',')}}`;
  return createHash('sha256').update(text).digest('base64url');
}

const ENDS = {
  exited: ({ status, why }) => is_count(status, 0) && SEEN.includes(why),
  signaled: ({ signal, why }) => is_count(signal, 1) && SEEN.includes(why),
  not_run: ({ detail }) => is_text(detail),
  unknown: ({ why }) => UNSEEN.includes(why),
};

export class StateRecords {
  #goes_on = false;
  #configuration;
  #is_cut = false;  // the last configuration has only its body's digest: anything may follow
  #running = new Set();
  #ended = new Set();

  // Records before the first are not here: of another log, or pruned.
  goes_on() {
    this.#goes_on = true;
  }

  // Takes the next record of the log; throws Bad when it says nothing, or contradicts an earlier one.
  add({ act, id, parents, extension }) {
    if (extension['pawl.profile'] !== PROFILE) return;
    if (act === 'ledger.opened') this.#goes_on ||= extension['pawl.ledger']?.after !== undefined;
    if (AREAS[act] === undefined) return;
    const body = extension[`pawl.${AREAS[act]}`];
    if (!is_object(body)) bad(`${act}: it has no body`);
    if (act === 'process.started') this.#running.add(id);
    if (act === 'process.exited') this.#end(parents);
    if (body.body_hash !== undefined) {
      this.#is_cut ||= act === 'config.changed';
      return;
    }
    if (act === 'config.changed') this.#change(body);
    else if (act === 'process.started') check_start(body);
    else if (act === 'process.exited') check_end(body);
    else check_identity(act, body);
  }

  #change({ digest, before, sections, version }) {
    const named = is_object(sections) ? Object.values(sections) : [];
    if (named.length === 0 || !named.every(is_digest) || !is_text(version)) {
      bad('config.changed: it does not say which configuration came into force');
    }
    if (digest !== digest_of(sections)) bad('config.changed: its digest is not that of its sections');
    const follows = before === this.#configuration || this.#is_cut
      || (this.#goes_on && this.#configuration === undefined);
    this.#configuration = digest;
    this.#is_cut = false;
    if (!follows) bad('config.changed: it does not follow from the one before');
    if (before === digest) bad('config.changed: nothing changed');
  }

  #end(parents) {
    const [started, ...others] = parents;
    if (started === undefined || others.length > 0) bad('process.exited: it does not name one process');
    const began = this.#running.delete(started);
    if (this.#ended.has(started)) bad('process.exited: the process has ended before');
    this.#ended.add(started);
    if (!began && !this.#goes_on) bad('process.exited: no such process began');
  }
}

function check_start({ server, program, arguments: words, argv_hash, start }) {
  const is_whole = is_text(server) && typeof program === 'string' && typeof argv_hash === 'string'
    && is_count(words, 0) && is_count(start, 1);
  if (!is_whole) bad('process.started: it does not say what was started');
}

function check_end(body) {
  if (!is_text(body.server) || ENDS[body.end]?.(body) !== true) {
    bad('process.exited: it does not say how it ended');
  }
}

function check_identity(act, { identity }) {
  const target = is_object(identity) ? String(identity.target) : '';
  const colon = target.indexOf(':');
  if (!TARGETS.includes(target.slice(0, Math.max(colon, 0))) || colon === target.length - 1) {
    bad(`${act}: it names nobody`);
  }
}
