// Which run counts. A void run is printed, kept in the raw output and used for nothing.
//
// Pure. void: the number means something else than its name says. marks: it means what it says, but
// the machine was not quiet; such a figure is not to be quoted.

/** A core is full from here on: what is measured then is the limit of who runs there. */
export const FULL_CORE = 0.97;
/** Share of the gateway's core that others took, from which a run is marked. */
export const NOISY_CORE = 0.05;

/**
 * @typedef {{
 *   requests: number,
 *   errors: {status: number, connect: number, read: number, write: number, timeout: number},
 *   mean_answer_bytes: number, expected_answer_bytes: number,
 *   wrong_bodies: string[],
 *   client_cpu: number,
 *   upstream_us_per_call: number, gateway_us_per_call?: number,
 *   others_cpu: number,
 *   connections: number,
 *   records?: {confirmed: number, other: number, sampled: number},
 *   saturating: boolean,
 * }} Run
 *   cpu: shares of one core, 0..1; gateway_us_per_call: missing for the direct baseline;
 *   records: what the ledger gained; sampled: calls that the harness itself made
 */

const TOLERATED_BYTES = 16;  // record numbers grow by digits

/** @param {Run} run @returns {{void: string[], marks: string[]}} */
export function judge(run) {
  const reasons = [];
  const marks = [];
  for (const [kind, count] of Object.entries(run.errors)) {
    if (count > 0) {
      reasons.push(`${count} errors (${kind})`);
    }
  }
  if (run.requests === 0) {
    reasons.push('no answers');
  }
  if (Math.abs(run.mean_answer_bytes - run.expected_answer_bytes) > TOLERATED_BYTES) {
    reasons.push(`answers of ${run.mean_answer_bytes.toFixed(1)} bytes, `
      + `expected ${run.expected_answer_bytes}`);
  }
  reasons.push(...run.wrong_bodies.map((why) => `wrong body: ${why}`));
  if (run.saturating && run.client_cpu >= FULL_CORE) {
    reasons.push('the client is the limit');
  }
  if (run.gateway_us_per_call !== undefined
      && run.upstream_us_per_call >= run.gateway_us_per_call) {
    reasons.push('the upstream is the limit');
  }
  if (run.records !== undefined) {
    reasons.push(...records_missing(run));
  }
  if (run.others_cpu >= NOISY_CORE) {
    marks.push(`others took ${Math.round(run.others_cpu * 100)}% of the gateway's core`);
  }
  return { void: reasons, marks };
}

/** A call that was open when the client ended has a record and no counted answer. */
function records_missing({ requests, connections, records }) {
  const least = requests + records.sampled;
  const most = least + connections;
  const found = [];
  if (records.confirmed < least || records.confirmed > most) {
    found.push(`${records.confirmed} confirmed records for ${requests} answers`);
  }
  if (records.other > connections) {
    found.push(`${records.other} records that are not confirmed`);
  }
  return found;
}
