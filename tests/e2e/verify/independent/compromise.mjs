// What an operator signs about a compromised key (key_records.md).
import { at, bad } from './verdict.mjs';
import { decode_uuid, is_object } from './text.mjs';
import { check_jws, read_jws } from './jws.mjs';

const MOST_BYTES = 2400;
const LONGEST_LIFE = 300;
const CLOCK_SKEW = 30;

const is_time = (value) => Number.isSafeInteger(value) && value >= 0;
const is_text = (value, most) =>
  typeof value === 'string' && value !== '' && Buffer.byteLength(value) <= most;

// { jws, aud, iat, kid, since, next, reason }. Its signature is not verified yet.
export function read_compromise(bytes) {
  const jws = read_jws(bytes, { most: MOST_BYTES, types: ['compromise+jwt'] });
  const { aud, iat, exp, jti, key } = jws.payload;
  if (typeof aud !== 'string') bad('aud is no text');
  if (!is_time(iat) || !is_time(exp)) bad('iat or exp is no time');
  if (exp < iat || exp > iat + LONGEST_LIFE) bad('it lives longer than 300 seconds');
  if (decode_uuid(jti) === null) bad('jti is no UUID');
  if (!is_object(key)) bad('it has no key');
  const { kid, since, next, reason } = key;
  if (!is_text(kid, 128) || !is_time(since)) bad('it names no key and time');
  if (next !== undefined && (!is_text(next, 128) || next === kid)) bad('next is no other key');
  if (!is_text(reason, 512)) bad('the reason is no text of 1 to 512 bytes');
  return { jws, aud, iat, kid, since, next, reason };
}

// Throws unless the record says what its statement says. Returns the check of the signature, which
// takes the operators' keys.
export function check_compromise(record, { iss, iat }) {
  if (typeof record.statement !== 'string') bad('no operator signed it');
  const said = at('statement', () => read_compromise(Buffer.from(record.statement)));
  at('statement', () => {
    const { kid, since, next, reason } = record;
    for (const [name, value] of Object.entries({ kid, since, next, reason, aud: iss })) {
      if (said[name] !== value) bad(`the record has another ${name}`);
    }
    if (said.jws.header.kid !== record.operator_kid) bad('the record has another operator_kid');
    if (iat < said.iat - CLOCK_SKEW) bad('it was recorded before it was signed');
  });
  return (operator_keys) => at('statement', () => check_jws(said.jws, operator_keys));
}
