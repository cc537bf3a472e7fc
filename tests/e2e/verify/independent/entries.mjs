// What holds for the entries of a log, one after the other, wherever they were read from.
import { bad, keep_doubt } from './verdict.mjs';
import { is_object } from './text.mjs';
import { check_jws, read_jws } from './jws.mjs';
import { TOKEN_TYPES, check_claims } from './claims.mjs';
import { check_override, check_resolution } from './statement.mjs';
import { Tree, root_over } from './merkle.mjs';
import { Signers } from './signers.mjs';
import { StateRecords } from './state_records.mjs';
import { Approvals } from './approvals.mjs';

const MOST_BYTES = 65535;
const OVERRIDES = ['override.applied', 'override.lifted'];

// Throws Bad unless `bytes` is a record that a trusted instance signed; returns what it says. What
// cannot be decided is added to `doubts`.
export function check_token(bytes, trust, doubts) {
  const jws = read_jws(bytes, { most: MOST_BYTES, types: TOKEN_TYPES });
  keep_doubt(doubts, () => trust.token_keys && check_jws(jws, trust.token_keys));
  const verified = trust.token_keys !== null && doubts.length === 0;
  const { kid, typ } = jws.header;
  const { iss, iat, exec_act: act, wid: workflow, inp_hash } = jws.payload;
  const claims = { ...check_claims(jws), kid, typ, iss, iat, act, workflow, inp_hash, verified };
  if (trust.operator_keys && OVERRIDES.includes(jws.payload.exec_act)) {
    const body = claims.extension['pawl.override'];
    if (!is_object(body)) bad('the record has no pawl.override');
    keep_doubt(doubts, () => check_override(body, { ...jws.payload, extension: claims.extension },
      trust.operator_keys));
  }
  if (trust.operator_keys && jws.payload.exec_act === 'unknown.resolved') {
    const body = claims.extension['pawl.unknown'];
    if (!is_object(body)) bad('the record has no pawl.unknown');
    keep_doubt(doubts, () => check_resolution(body, { ...jws.payload, parents: claims.parents,
      extension: claims.extension }, trust.operator_keys));
  }
  return claims;
}

export class Entries {
  #trust;
  #doubts;
  #seen = new Map();
  #signers;
  #state = new StateRecords();
  #approvals;
  tree = new Tree();

  constructor(trust, doubts) {
    this.#signers = new Signers(trust);
    this.#trust = { ...trust, token_keys: this.#signers.keys };
    this.#doubts = doubts;
    this.#approvals = new Approvals(trust.operator_keys, trust.relying_parties);
  }

  // Records before the first are not here.
  goes_on() {
    this.#state.goes_on();
    this.#approvals.misses_some();
  }

  get size() {
    return this.tree.size;
  }

  // Takes the next entry; returns its claims. Who calls puts the entry's number before what it throws.
  add(bytes) {
    const index = this.size;
    const doubts = [];
    const claims = check_token(bytes, this.#trust, doubts);
    keep_doubt(doubts, () => this.#signers.add(index, claims));
    this.#state.add(claims);
    const pinned = index < (this.#trust.pinned?.size ?? 0);
    keep_doubt(doubts, () => this.#trust.token_keys && this.#approvals.add(claims, pinned));
    this.#doubts.push(...doubts.map((why) => `entry ${index}: ${why}`));
    if (this.#seen.has(claims.id)) bad(`has the jti of entry ${this.#seen.get(claims.id)}`);
    this.#seen.set(claims.id, index);
    this.tree.add(bytes);
    return claims;
  }

  // The keys, and which entries rest on a compromised one; those are a doubt.
  check_signers() {
    const found = this.#signers.found();
    const { entries, first, last } = found.suspect;
    if (entries > 0) this.#doubts.push(`${entries} of the entries ${first} to ${last} are suspect`);
    return found;
  }

  root_at(size) {
    return root_over(this.tree.leaves.slice(0, size));
  }

  // A signed or pinned head covers no more than there is, and the same.
  check_head({ size, root }) {
    if (size > this.size) bad(`covers ${size} entries, there are ${this.size}`);
    if (!this.root_at(Number(size)).equals(root))
      bad(`has another root than the first ${size} entries`);
  }
}
