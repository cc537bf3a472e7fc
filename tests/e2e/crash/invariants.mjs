// What must hold after every crash, compared between three witnesses: the journal of the servers
// behind, the answers that clients got, and the ledger.

import { read_journal } from '../support/reference.mjs';

const FORWARDED = ['confirmed', 'failed', 'unknown'];

export class Invariants {
  /** Answers that clients received, whole.
   * @type {{n: number, record: string, failed: boolean}[]} */
  answers = [];
  #pawl;
  #journal_file;
  #trust;

  /** @param {import('../support/pawl.mjs').Pawl} pawl @param {string} journal_file */
  constructor(pawl, journal_file) {
    this.#pawl = pawl;
    this.#journal_file = journal_file;
    this.#trust = { env: { XDG_CONFIG_HOME: `${pawl.folder}/config` } };
  }

  /** Pins the log's keys; from then on `verify` needs nothing that the daemon says. */
  async pin() {
    const { code, stderr } = await this.#pawl.run(
      ['trust', 'pin', '--config', this.#pawl.config_file], this.#trust);
    if (code !== 0) {
      throw new Error(`pawl trust pin ended with ${code}: ${stderr}`);
    }
  }

  async #ledger() {
    const { code, stdout, stderr } = await this.#pawl.run(
      ['ledger', 'tail', '-n', '100000', '--json', '--config', this.#pawl.config_file]);
    if (code !== 0) {
      throw new Error(`pawl ledger tail ended with ${code}: ${stderr}`);
    }
    return stdout.split('\n').filter(Boolean).map((line) => JSON.parse(line));
  }

  /**
   * Looks at everything since the start. The daemon is up; the servers may still be working.
   * @returns {Promise<{faults: string[], records: Map<string, object>, journal: object[]}>}
   */
  async check() {
    const faults = [];
    const began = (await read_journal(this.#journal_file)).filter(({ phase }) => phase === 'began');
    const ledger = await this.#ledger();
    const journal = await read_journal(this.#journal_file);  // again: it may only be ahead
    const records = new Map();
    for (const record of ledger) {
      if (records.has(record.id)) {
        faults.push(`two records ${record.id}`);
      }
      records.set(record.id, record);
    }
    this.#check_executed(began, records, faults);
    this.#check_confirmed(journal, records, faults);
    this.#check_answers(journal, records, faults);
    await this.#check_status(ledger, faults);
    await this.#check_verify(faults);
    return { faults, records, journal };
  }

  #check_executed(began, records, faults) {
    const seen = new Set();
    for (const { n, record } of began) {
      if (seen.has(n)) {
        faults.push(`call ${n} reached a server twice`);
      }
      seen.add(n);
      const outcome = records.get(record)?.outcome;
      if (!FORWARDED.includes(outcome)) {
        faults.push(`call ${n} was executed, and its record ${record} says ${outcome}`);
      }
    }
  }

  #check_confirmed(journal, records, faults) {
    const ended = new Map(journal.filter(({ phase }) => phase === 'ended')
      .map(({ record, failed }) => [record, failed ? 'failed' : 'confirmed']));
    for (const { id, kind, outcome } of records.values()) {
      if (kind === 'tool.call' && ['confirmed', 'failed'].includes(outcome)
          && ended.get(id) !== outcome) {
        faults.push(`record ${id} says ${outcome}, and the server says ${ended.get(id)}`);
      }
    }
  }

  #check_answers(journal, records, faults) {
    const number_of = new Map(journal.map(({ record, n }) => [record, n]));
    for (const { n, record, failed } of this.answers) {
      const outcome = records.get(record)?.outcome;
      if (outcome !== (failed ? 'failed' : 'confirmed')) {
        faults.push(`call ${n} was answered, and its record ${record} says ${outcome}`);
      }
      if (number_of.get(record) !== n) {
        faults.push(`call ${n} was answered with the record of call ${number_of.get(record)}`);
      }
    }
  }

  async #check_status(ledger, faults) {
    const unknown = ledger.filter(({ outcome }) => outcome === 'unknown').length;
    const { unknown_outcomes: { count, newest } } = await this.#pawl.json('status');
    if (count !== unknown || (unknown > 0 && newest.length === 0)) {
      faults.push(`${unknown} records are unknown, and the status shows ${count}`);
    }
  }

  async #check_verify(faults) {
    const { code, stdout, stderr } = await this.#pawl.run(['verify', this.#pawl.data], this.#trust);
    if (code !== 0) {
      faults.push(`pawl verify ended with ${code}: ${stdout}${stderr}`);
    }
  }
}
