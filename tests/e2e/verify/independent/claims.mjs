// The claims of an Execution Context Token (ect.md: what we accept, checks 7 to 9, limits), and
// what is judged when a token is presented (checks 10 to 12). Messages begin with that page's reasons.
import { isDeepStrictEqual } from 'node:util';
import { bad } from './verdict.mjs';
import { decode_base64url, decode_uuid, is_object } from './text.mjs';

// The dialect by typ: is the older name of a claim read when the newer one is absent?
const READS_OLDER_NAMES = { 'exec+jwt': false, 'wimse-exec+jwt': true };
export const TOKEN_TYPES = Object.keys(READS_OLDER_NAMES);
const YEAR_10000 = 253402300800;
const REQUIRED = ['iss', 'aud', 'iat', 'exp', 'exec_act', 'jti'];

const is_text = (value, most) =>
  typeof value === 'string' && value !== '' && Buffer.byteLength(value) <= most;
const is_time = (value) => Number.isSafeInteger(value) && value >= 0 && value < YEAR_10000;
const is_digest = (value) => typeof value === 'string' && decode_base64url(value)?.length === 32;
const as_list = (value) => (Array.isArray(value) ? value : [value]);

function expect(holds, reason) {
  if (!holds) bad(reason);
}

// What later checks need: { id, parents, extension }; ids as 32 hex digits.
export function check_claims({ header, payload }) {
  const parents = of_two_names(header.typ, payload, 'pred', 'par');
  for (const name of REQUIRED) expect(payload[name] !== undefined, `missing_claim: ${name}`);
  expect(parents !== undefined, 'missing_claim: pred');
  const audience = as_list(payload.aud);
  const id = decode_uuid(payload.jti);
  expect(is_text(payload.iss, 2048), 'bad_iss');
  expect(audience.length >= 1 && audience.length <= 64, 'bad_aud');
  expect(
    audience.every((name) => is_text(name, 2048)),
    'bad_aud',
  );
  expect(is_time(payload.iat), 'bad_iat');
  expect(is_time(payload.exp) && payload.exp > payload.iat, 'bad_exp');
  expect(is_text(payload.exec_act, 256), 'bad_act');
  expect(id !== null, 'bad_jti');
  expect(payload.wid === undefined || decode_uuid(payload.wid) !== null, 'bad_wid');
  expect(Array.isArray(parents) && !parents.map(decode_uuid).includes(null), 'bad_pred');
  expect(parents.length <= 100, 'too_many_parents');
  for (const name of ['inp_hash', 'out_hash']) {
    expect(payload[name] === undefined || is_digest(payload[name]), `bad_hash: ${name}`);
  }
  const extension = of_two_names(header.typ, payload, 'ect_ext', 'ext') ?? {};
  check_extension(extension, payload.iat);
  return { id, parents: parents.map(decode_uuid), extension };
}

// Two names for one thing may both be there, but not say different things.
function of_two_names(typ, payload, newer, older) {
  const both = payload[newer] !== undefined && payload[older] !== undefined;
  expect(!both || isDeepStrictEqual(payload[newer], payload[older]), `ambiguous: ${newer}`);
  return payload[newer] ?? (READS_OLDER_NAMES[typ] ? payload[older] : undefined);
}

function check_extension(extension, iat) {
  expect(is_object(extension), 'bad_ext');
  expect(depth(extension) <= 5, 'ext_too_deep');
  expect(Buffer.byteLength(JSON.stringify(extension)) <= 4096, 'ext_too_large');
  const { pol, pol_decision: decision, pol_timestamp: timestamp } = extension;
  expect((pol === undefined) === (decision === undefined), 'bad_policy');
  expect(pol === undefined || typeof pol === 'string', 'bad_policy');
  expect(decision === undefined || typeof decision === 'string', 'bad_policy');
  expect(timestamp === undefined || (is_time(timestamp) && timestamp <= iat), 'bad_policy');
  const { pol_enforcer: enforcer, compensation_required: repairs } = extension;
  expect(enforcer === undefined || is_text(enforcer, 2048), 'bad_policy');
  expect(repairs === undefined || typeof repairs === 'boolean', 'bad_policy');
  expect(['undefined', 'string'].includes(typeof extension.compensation_reason), 'bad_policy');
}

function depth(value) {
  if (typeof value !== 'object' || value === null) return 0;
  return 1 + Math.max(0, ...Object.values(value).map(depth));
}

// `now` in seconds. Entries of a ledger are not presented, so nothing of this holds for them.
export function check_presentation(payload, { audience, now }) {
  expect(as_list(payload.aud).includes(audience), 'wrong_audience');
  expect(now < payload.exp, 'expired');
  expect(payload.iat <= now + 30, 'not_yet');
  expect(payload.iat >= now - 900, 'too_old');
}
