// What an agent writes into the files of a daemon that is down, so that an approval stands there which
// nobody gave. Written from docs/formats.

import { createPrivateKey, randomUUID, sign } from 'node:crypto';
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { KINDS } from '../verify/independent/frame.mjs';
import { Thief, decode_jws, entries_of, read_log, sign_jws } from '../verify/forge.mjs';
import { approval_by, enrollment_by, key_of } from './acts.mjs';

const snapshot_file = (data) => join(data, 'ledger', 'snapshot');

/** The text of a snapshot with this approval given. */
function with_approval(text, approval) {
  return text.replace(/^\{.*$/m, (line) => {
    const snapshot = JSON.parse(line);
    const state = JSON.parse(snapshot.state);
    const { by } = state.approvals.find(({ phase }) => phase === 'spent');
    Object.assign(state.approvals.find(({ id }) => id === approval.id), { phase: 'approved', by,
      statements: ['A'.repeat(43)], executed: approval.binding.digest, uses: 1, until: approval.expires });
    return JSON.stringify({ ...snapshot, state: JSON.stringify(state) });
  });
}

export function write_snapshot({ data, approval }) {
  const file = snapshot_file(data);
  writeFileSync(file, with_approval(readFileSync(file, 'utf8'), approval));
}

/** The same, signed with the key of the log. */
export function sign_snapshot({ data, approval }) {
  const file = snapshot_file(data);
  const note = readFileSync(file, 'utf8');
  const text = `${with_approval(note.split('\n\n\u2014 ')[0], approval)}\n`;
  const [, name, signature] = note.match(/\n\n\u2014 (\S+) (\S+)\n/);
  const key = createPrivateKey(readFileSync(join(data, 'keys', 'log.pem')));
  const own = Buffer.concat([Buffer.from(signature, 'base64').subarray(0, 4), sign(null, Buffer.from(text), key)]);
  writeFileSync(file, `${text}\n\u2014 ${name} ${own.toString('base64')}\n`);
}

/** Appends a record like the last one of a kind, changed and signed with the instance's key. */
function append_record(data, kind, change) {
  const thief = new Thief(data);
  const ledger = join(data, 'ledger');
  const batches = read_log(ledger);
  const { header, payload } = entries_of(batches).map(({ body }) => decode_jws(body))
    .findLast((one) => one.payload.exec_act === kind);
  Object.assign(payload, { jti: randomUUID(), iat: Math.floor(Date.now() / 1000) });
  change(payload);
  batches.push({ frames: [{ kind: KINDS.entry, id: payload.jti.replaceAll('-', ''),
                            body: Buffer.from(sign_jws(thief.instance_key, header, payload)) }] });
  thief.write_log(ledger, batches);
  for (const derived of ['snapshot', 'tile']) {
    rmSync(join(ledger, derived), { recursive: true, force: true });
  }
}

/** A decision that names an operator and is signed with a key of nobody. */
export const write_decision = ({ data, approval }) => append_record(data, 'approval.decided', (payload) => {
  const said = payload.ect_ext['pawl.approval'];
  Object.assign(payload, { pred: [approval.record], wid: approval.workflow });
  Object.assign(said, { approval: approval.id, executed: approval.binding.digest, expires: approval.expires,
    at: payload.iat, statement: approval_by(key_of(), approval, { operator: said.operator, as: said.key }) });
});

/** An enrollment of this key that an admin did not sign. */
export const write_enrollment = ({ data, ann }, own) => append_record(data, 'operator.enrolled', (payload) => {
  const statement = enrollment_by(own, own, { operator: 'ann', as: ann });
  const { jti, exp, by, enrollment } = decode_jws(statement).payload;
  const { verb, ...members } = enrollment;
  payload.ect_ext['pawl.operator'] = { ...members, id: jti, until: exp, at: payload.iat, by, statement };
});
