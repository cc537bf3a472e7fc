// What people signed: statements that stop or resume (override.md), alone and inside records.
import { at, bad, undecided } from './verdict.mjs';
import { decode_uuid, is_object } from './text.mjs';
import { check_jws, read_jws } from './jws.mjs';

const MOST_BYTES = 2400;
const LONGEST_LIFE = 300;
const CLOCK_SKEW = 30;
const MOST_LIFTS = 16;
const KINDS = ['agent', 'group', 'user', 'workflow', 'tool', 'server', 'trust-domain'];

const is_time = Number.isSafeInteger;
const are_uuids = (list) => Array.isArray(list) && !list.map(decode_uuid).includes(null);

// A statement that says something valid, in its one form: { jws, kid, aud, iat, exp, id, verb,
// scope, reason, stops }. Its signature is not verified yet.
export function read_statement(bytes) {
  const jws = read_jws(bytes, { most: MOST_BYTES, types: ['override+jwt'] });
  const { aud, iat, exp, jti, ovr } = jws.payload;
  if (typeof aud !== 'string') bad('aud is no text');
  if (!is_time(iat) || !is_time(exp)) bad('iat or exp is no time');
  if (exp < iat || exp > iat + LONGEST_LIFE) bad('it lives longer than 300 seconds');
  const id = decode_uuid(jti) ?? bad('jti is no UUID');
  if (!is_object(ovr)) bad('it has no ovr');
  const { verb, scope, reason = '', stops = [] } = ovr;
  if (verb !== 'stop' && verb !== 'resume') bad(`the verb is ${JSON.stringify(verb)}`);
  if (typeof reason !== 'string') bad('the reason is no text');
  if (!are_uuids(stops)) bad('stops are no UUIDs');
  const said = {
    jws,
    kid: jws.header.kid,
    aud,
    iat,
    exp,
    id,
    verb,
    reason,
    scope: one_scope(scope),
  };
  if (verb === 'stop') return { ...said, stops: [] };
  if (stops.length < 1 || stops.length > MOST_LIFTS) bad(`it lifts ${stops.length} stops`);
  return { ...said, stops: stops.map(decode_uuid) };
}

// The scope in its one form: a UUID in lower case.
function one_scope(scope) {
  if (
    typeof scope !== 'string' ||
    Buffer.byteLength(scope) > 256 ||
    /[\x00-\x1f\x7f]/.test(scope)
  ) {
    bad('the scope is no text of 1 to 256 bytes');
  }
  if (scope === 'all') return scope;
  const colon = scope.indexOf(':');
  const [kind, value] = [scope.slice(0, colon), scope.slice(colon + 1)];
  if (colon < 0 || value === '' || !KINDS.includes(kind)) bad(`the scope ${scope} is of no kind`);
  if (kind === 'tool' && !/^[^/]+\/./.test(value)) bad(`the scope ${scope} names no tool`);
  if (kind !== 'workflow') return scope;
  return decode_uuid(value) === null ? bad('the scope names no workflow') : scope.toLowerCase();
}

// Whether only part of a body is in the record (records.md, salted_digests.md).
function is_cut(body, { 'pawl.salted': salted }) {
  return typeof body.body_hash === 'string' ||
    (is_object(salted) && (salted.body !== undefined || Object.keys(salted).length === 0));
}

// Throws unless a record of a stop or a lift rests on the statement that it needs. `body` is the
// record's own object, `claims` are the record's.
export function check_override(body, claims, operator_keys) {
  const lifted = claims.exec_act === 'override.lifted';
  if (body.statement === undefined && !lifted) return;
  if (body.statement === undefined && is_cut(body, claims.extension)) {
    undecided('its body was too large and holds only a digest');
  }
  if (typeof body.statement !== 'string') bad('no operator signed it');
  at('statement', () => {
    const said = read_statement(Buffer.from(body.statement));
    const recorded = lifted ? what_was_lifted(body) : what_was_stopped(body);
    for (const [name, value] of Object.entries({ ...recorded, aud: claims.iss })) {
      if (String(said[name]) !== String(value)) bad(`the record has another ${name}`);
    }
    if (claims.iat < said.iat - CLOCK_SKEW) bad('it was recorded before it was signed');
    check_jws(said.jws, operator_keys);
  });
}

const FOUND = ['happened', 'did-not-happen', 'cannot-be-known'];

// What a person found out about a call (resolution.md): { jws, kid, aud, iat, record, found, reason }.
// Its signature is not verified yet.
export function read_resolution(bytes) {
  const jws = read_jws(bytes, { most: MOST_BYTES, types: ['resolution+jwt'] });
  const { aud, iat, exp, jti, res } = jws.payload;
  if (typeof aud !== 'string') bad('aud is no text');
  if (!is_time(iat) || !is_time(exp)) bad('iat or exp is no time');
  if (exp < iat || exp > iat + LONGEST_LIFE) bad('it lives longer than 300 seconds');
  if (decode_uuid(jti) === null) bad('jti is no UUID');
  if (!is_object(res)) bad('it has no res');
  const record = decode_uuid(res.record) ?? bad('the record is no UUID');
  if (!FOUND.includes(res.found)) bad(`it found ${JSON.stringify(res.found)}`);
  const { found, reason } = res;
  if (typeof reason !== 'string' || reason === '' || Buffer.byteLength(reason) > 512) {
    bad('the reason is no text of 1 to 512 bytes');
  }
  return { jws, kid: jws.header.kid, aud, iat, record, found, reason };
}

// Throws unless the record of a resolution rests on the statement that it needs.
export function check_resolution(body, claims, operator_keys) {
  if (body.statement === undefined && is_cut(body, claims.extension)) {
    undecided('its body was too large and holds only a digest');
  }
  if (typeof body.statement !== 'string') bad('no operator signed it');
  at('statement', () => {
    const said = read_resolution(Buffer.from(body.statement));
    const record = claims.parents.length === 1 ? claims.parents[0] : claims.parents;
    const { found, reason, kid } = body;
    for (const [name, value] of Object.entries({ record, found, reason, kid, aud: claims.iss })) {
      if (String(said[name]) !== String(value)) bad(`the record has another ${name}`);
    }
    if (claims.iat < said.iat - CLOCK_SKEW) bad('it was recorded before it was signed');
    check_jws(said.jws, operator_keys);
  });
}

function what_was_lifted({ scope, stops, kid }) {
  return { verb: 'resume', scope, kid, stops: are_uuids(stops) ? stops.map(decode_uuid) : stops };
}

function what_was_stopped({ stop }) {
  return { verb: 'stop', scope: stop?.scope, id: decode_uuid(stop?.id), reason: stop?.reason };
}
