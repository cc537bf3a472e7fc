// Who signed the entries of a log, and whether they might (key_records.md).
import { bad } from './verdict.mjs';
import { check_compromise } from './compromise.mjs';
import { KeyValidity, read_key_record } from './key_records.mjs';

const NOT_VALID = {
  retired: 'which was retired before',
  not_yet: 'which no record before it activated',
  unknown: 'which no record before it activated',
};

export class Signers {
  // The verifier's own keys and those that the log let begin, by kid; null: there are none.
  keys;
  #validity = new KeyValidity();
  #operator_keys;
  #pinned;
  #recorded = -Infinity;
  #signed = []; // of each entry: { index, kid, recorded }

  constructor({ token_keys, operator_keys, pinned }) {
    this.keys = token_keys && new Map(token_keys);
    this.#operator_keys = operator_keys;
    this.#pinned = pinned;
  }

  // The next entry, by its claims. Throws Bad, or Undecided when the operator is not known.
  add(index, { kid, iss, iat, act, verified, extension }) {
    if (this.#signed.length === 0) this.#validity.begin(kid);
    this.#recorded = Math.max(this.#recorded, iat);
    this.#signed.push({ index, kid, recorded: this.#recorded });
    const why = NOT_VALID[this.#validity.judge(kid, index, this.#recorded)];
    if (why !== undefined) bad(`signed by key ${kid}, ${why}`);
    const record = read_key_record(act, extension);
    if (record === null) return;
    const check_signature =
      record.what === 'key.compromised' ? check_compromise(record, { iss, iat }) : () => {};
    const begins = this.#validity.apply(index, kid, this.#recorded, record);
    if (this.keys === null) return;
    check_signature(this.#operator_keys ?? new Map());
    if (begins !== null && verified && !this.keys.has(begins.kid)) {
      this.keys.set(begins.kid, begins.key);
    }
  }

  // A pin of before the compromise proves that what it covers was there before.
  #is_suspect({ index, kid, recorded }) {
    const why = this.#validity.suspicion(kid);
    if (why === null || recorded < why.from) return false;
    return !(this.#pinned?.at < why.since && index < this.#pinned.size);
  }

  // `counts`: which entries are asked about.
  found(counts = () => true) {
    const indexes = this.#signed.filter((one) => counts(one) && this.#is_suspect(one))
      .map(({ index }) => index);
    const keys = [...this.#validity.keys].map(([kid, { from, until, since }]) => ({
      kid,
      from,
      until,
      compromised_since: since,
    }));
    return { keys, suspect: { entries: indexes.length, first: indexes[0], last: indexes.at(-1) } };
  }
}
