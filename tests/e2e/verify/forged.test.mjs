// Logs written anew by somebody who stole the instance's and the log's keys: what is signed right and
// must be found all the same, and what can only be found by a pinned head.

import { createPrivateKey, generateKeyPairSync } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { sign_statement } from '../support/override.mjs';
import { BAD, GOOD, UNDECIDED, options, with_made_logs } from './both_verifiers.mjs';
import { CALL, LIFTED, RECORD, STOPPED } from './made_logs.mjs';
import { make_witness } from './made_witness.mjs';
import { Thief, decode_jws, entry_of, read_log, sign_jws } from './forge.mjs';

const { path, json, copy_of, trust_with, check_both } = with_made_logs();

/** Alters the record at `index` and writes the whole log anew, signed. The pin is of the old log. */
const as_thief = (index, change, header) => async (copy) => {
  const thief = new Thief(copy);
  const batches = read_log(join(copy, 'ledger'));
  const frame = entry_of(batches, index);
  const { header: old_header, payload } = decode_jws(frame.body);
  await change(payload, thief);
  frame.body = Buffer.from(sign_jws(thief.instance_key, { ...old_header, ...header }, payload));
  thief.write_log(join(copy, 'ledger'), batches);
};
const at = (index, why) => new RegExp(`^entry ${index}: ${why}`);

/** Puts another statement, signed by `key`, into the record of a stop or its resume. */
const with_statement = (index, change, { signer = () => operator(), ...other } = {}) =>
  as_thief(index, async (claims, thief) => {
    const body = claims.ect_ext['pawl.override'];
    const { aud, iat, exp, jti, ovr } = decode_jws(body.statement).payload;
    const said = { aud, iat, exp, jti, ...ovr };
    change(said);
    body.statement = await sign_statement(signer(thief), said, { kid: body.kid, ...said, ...other });
  });
const body_of = (index, change) =>
  as_thief(index, (claims) => change(claims.ect_ext['pawl.override']));
/** Alters the body of a record of the start: `config` or `identity`. */
const start_body = (index, area, change) =>
  as_thief(index, (claims) => change(claims.ect_ext[`pawl.${area}`]));
const CONFIGURATION = CALL - 3;  // then the agent, and the operator
const operator = () => createPrivateKey(readFileSync(path('log/operator.pem')));
const stranger = () => generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey;
const NOT_PINNED = /no head of (this|the) log.* is pinned/;
const EMPTY_HEAD = { size: 0, root: '47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=' };
const OTHER_ID = '01890a5d-ac96-774b-bcce-b302099a8057';

const FORGED = {
  'nothing but fresh signatures': [as_thief(RECORD, () => {}), GOOD],
  'a record that is no ECT': [as_thief(RECORD, () => {}, { typ: 'JWT' }), BAD, at(RECORD, 'bad_type')],
  'a record without an issuer': [as_thief(RECORD, (claims) => { delete claims.iss; }),
    BAD, at(RECORD, 'missing_claim: iss')],
  'a record with a prefixed hash': [as_thief(RECORD, (claims) => {
    claims.inp_hash = `sha-256:${claims.inp_hash}`;
  }), BAD, at(RECORD, 'bad_hash')],
  'a record under another id': [as_thief(RECORD, (claims) => { claims.jti = OTHER_ID; }),
    BAD, at(RECORD, 'the frame has the id')],
  'a record without a kid': [as_thief(RECORD, () => {}, { kid: undefined }), BAD, at(RECORD, 'missing_kid')],
  'a configuration that is not the one of its sections': [start_body(CONFIGURATION, 'config',
    (body) => { body.sections.limits = body.digest; }),
  BAD, at(CONFIGURATION, 'config.changed: its digest')],
  'a configuration that follows from none here': [start_body(CONFIGURATION, 'config',
    (body) => { body.before = body.sections.limits; }),
  BAD, at(CONFIGURATION, 'config.changed: it does not follow')],
  'somebody enrolled without a name': [start_body(CALL - 1, 'identity',
    (body) => { delete body.identity.target; }), BAD, at(CALL - 1, 'identity.enrolled: it names nobody')],
  'a lift that nobody signed': [body_of(LIFTED, (body) => { delete body.statement; }),
    BAD, at(LIFTED, 'no operator signed it')],
  'a lift of which only a digest is left': [body_of(LIFTED, (body) => {
    delete body.statement;
    body.body_hash = 'M1K1AE5VZGTbX8dnvVmJ_6Cil2cfUmvZQVz9Et8ohIU';
  }), UNDECIDED, at(LIFTED, '.*only a digest')],
  'a lift of which only a salted digest is left': [as_thief(LIFTED, ({ ect_ext: ext }) => {
    delete ext['pawl.override'].statement;
    ext['pawl.salted'] = { key: 'BlykoneQi1DZKFuWQbMBdA', body: 'M1K1AE5VZGTbX8dnvVmJ_6Cil2cfUmvZQVz9Et8ohIU' };
  }), UNDECIDED, at(LIFTED, '.*only a digest')],
  'a lift of which only another salted digest is left': [as_thief(LIFTED, ({ ect_ext: ext }) => {
    delete ext['pawl.override'].statement;
    ext['pawl.salted'] = { key: 'BlykoneQi1DZKFuWQbMBdA', inp: 'M1K1AE5VZGTbX8dnvVmJ_6Cil2cfUmvZQVz9Et8ohIU' };
  }), BAD, at(LIFTED, 'no operator signed it')],
  'a lift that the instance signed': [with_statement(LIFTED, () => {},
    { signer: (thief) => thief.instance_key }), BAD, at(LIFTED, 'statement: bad_signature')],
  'a lift that a stranger signed': [with_statement(LIFTED, () => {}, { signer: stranger }),
    BAD, /bad_signature/],
  'a lift by another operator than it says': [body_of(LIFTED, (body) => { body.kid = 'x'; }),
    BAD, /another kid/],
  'a lift of another scope': [body_of(LIFTED, (body) => { body.scope = 'agent:a'; }),
    BAD, /another scope/],
  'a lift of another stop': [body_of(LIFTED, (body) => { body.stops = [OTHER_ID]; }),
    BAD, /another stops/],
  'a lift of more stops': [body_of(LIFTED, (body) => { body.stops.push(OTHER_ID); }),
    BAD, /another stops/],
  'a lift for another instance': [with_statement(LIFTED, (said) => { said.aud += '2'; }),
    BAD, /another aud/],
  'a lift by a stop': [with_statement(LIFTED, (said) => { said.verb = 'stop'; }), BAD, /another verb/],
  'a lift by a statement that lives long': [with_statement(LIFTED, (said) => {
    said.exp = said.iat + 301;
  }), BAD, /300 seconds/],
  'a lift by a statement of a later day': [with_statement(LIFTED, (said) => {
    said.iat += 86400;
    said.exp += 86400;
  }), BAD, /before it was signed/],
  'a lift by another kind of token': [with_statement(LIFTED, () => {}, { typ: 'exec+jwt' }),
    BAD, /bad_type/],
  'an old stop ordered again': [body_of(STOPPED, (body) => { body.stop.id = OTHER_ID; }),
    BAD, at(STOPPED, 'statement: the record has another id')],
  'a wider stop than was signed': [with_statement(STOPPED, (said) => { said.scope = 'agent:a'; }),
    BAD, /another scope/],
  'ids of stops in upper case': [with_statement(LIFTED, (said) => {
    said.stops = said.stops.map((id) => id.toUpperCase());
  }), GOOD],
};

test('a log that a thief of the instance\'s keys wrote anew', options, async () => {
  // Without the pin, so that what is wrong is found by itself.
  const unpinned = trust_with((trust) => { delete trust.pinned; });
  for (const [name, [change, expected, why]] of Object.entries(FORGED)) {
    const copy = copy_of('log');
    await change(copy);
    // Good but for the pin.
    const [found, reason] = expected === GOOD ? [UNDECIDED, NOT_PINNED] : [expected, why];
    await check_both(name, copy, { trust: unpinned }, found, reason);
  }
});

test('another history by the right keys is found by the pinned head alone', options, async () => {
  const copy = copy_of('log');
  await as_thief(RECORD, ({ ect_ext }) => { ect_ext['pawl.tool'].outcome = 'failed'; })(copy);
  await check_both('pinned', copy, { trust: path('log.trust') }, BAD, /^pinned head: has another root/);
  const unpinned = trust_with((trust) => { delete trust.pinned; });
  await check_both('not pinned', copy, { trust: unpinned }, UNDECIDED, NOT_PINNED);
  // A witness saw the log before: it cosigned nothing of this history, and its lines do not fit.
  const witness = make_witness('w', 1772000000);
  const policy = path('witness.policy');
  writeFileSync(policy, `${witness.policy}quorum w\n`);
  const seen = readFileSync(path('log/ledger/checkpoint'), 'utf8');
  const published = join(copy, 'ledger/checkpoint');
  const forged = readFileSync(published, 'utf8');
  await check_both('no line', copy, { trust: unpinned, policy }, UNDECIDED);
  writeFileSync(published, forged + witness.cosign(seen));
  await check_both('the line of the other', copy, { trust: unpinned, policy }, BAD);
  writeFileSync(published, forged);
  const at_its_start = trust_with((trust) => { trust.pinned = EMPTY_HEAD; });
  await check_both('pinned empty', copy, { trust: at_its_start }, UNDECIDED, NOT_PINNED);
});

test('statements of an operator who is not in the trust file', options, async () => {
  const other = trust_with((trust) => { trust.operator_keys = json('other.trust').operator_keys; });
  await check_both('another operator', path('log'), { trust: other }, UNDECIDED, /unknown_key/);
  const nobody = trust_with((trust) => { delete trust.operator_keys; });
  await check_both('no operators', path('log'), { trust: nobody }, GOOD);
});
