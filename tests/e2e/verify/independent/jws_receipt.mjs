// A receipt in JWS form with its token (jws_receipt.md).
import { createHash } from 'node:crypto';
import { at, bad, keep_doubt, undecided } from './verdict.mjs';
import { decode_json_object } from './text.mjs';
import { check_jws, read_jws } from './jws.mjs';
import { check_receipt, read_receipt } from './receipt.mjs';

const MOST_BYTES = 1 << 20;
const TYPE = 'ledger-receipt+jwt';
const PROFILE = 'urn:pawl:profile:1';
const RECORD_TYPES = ['exec+jwt', 'wimse-exec+jwt'];
const TEXTS = ['iss', 'jti', 'ledger', 'entry_hash', 'tlog_proof'];
const NUMBERS = ['seq', 'recorded_at'];

export function looks_like_jws_receipt(bytes) {
  const [header, ...rest] = bytes.toString('latin1').split('.');
  return rest.length === 2 && decode_json_object(Buffer.from(header, 'base64url'))?.typ === TYPE;
}

// { jws, claims, proof: the bytes of the tlog-proof inside }. Verifies nothing.
export function read_jws_receipt(bytes) {
  return at('JWS receipt', () => {
    const jws = read_jws(Buffer.from(bytes.toString('latin1').trimEnd(), 'latin1'),
      { most: MOST_BYTES, types: [TYPE] });
    const profile = jws.payload['pawl.profile'];
    if (profile !== PROFILE) undecided(`pawl.profile is ${profile}, not ${PROFILE}`);
    for (const name of TEXTS) if (typeof jws.payload[name] !== 'string') bad(`no ${name}`);
    for (const name of NUMBERS) {
      if (!Number.isSafeInteger(Number(jws.payload[name])) || Number(jws.payload[name]) < 0
          || typeof jws.payload[name] === 'string') bad(`no ${name}`);
    }
    return { jws, claims: jws.payload, proof: Buffer.from(jws.payload.tlog_proof) };
  });
}

// What is false is bad also where the keys are not known.
export function check_jws_receipt({ jws, claims, proof }, token, trust, doubts) {
  at('JWS receipt', () => {
    const { payload: record } = read_jws(token, { most: MOST_BYTES, types: RECORD_TYPES });
    const { index, checkpoint } = read_receipt(proof);
    const expected = { iss: record.iss, jti: record.jti, recorded_at: record.iat,
      entry_hash: createHash('sha256').update(token).digest('base64url'),
      ledger: checkpoint.origin, seq: index };
    for (const [name, value] of Object.entries(expected)) {
      if (`${claims[name]}` !== `${value}`) bad(`${name} is ${claims[name]}, not ${value}`);
    }
    if (trust.token_keys !== null) keep_doubt(doubts, () => check_jws(jws, trust.token_keys));
  });
  return check_receipt(proof, token, trust, doubts);
}
