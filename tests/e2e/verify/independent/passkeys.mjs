// Whether a passkey signed a statement (passkey.md; approval.md, "Statement"). The relying party is
// what the verifier knows, and never what stands in the evidence.
import { createHash, verify } from 'node:crypto';
import { decode } from 'cborg';
import { bad, undecided } from './verdict.mjs';
import { check_members } from './enrollments.mjs';
import { decode_base64url, decode_json_object } from './text.mjs';

const MOST_TEXT = 12288;
const MOST_CLIENT = 4096;
const MOST_DATA = 4096;
const HEAD = 37;
const [UP, UV, BE, BS, AT, ED] = [0x01, 0x04, 0x08, 0x10, 0x40, 0x80];
const PARTS = ['authenticator_data', 'client_data', 'signature'];

const sha256 = (bytes) => createHash('sha256').update(bytes).digest();

// The statement's text, and the bytes of the assertion on it.
export function read_evidence(passkey) {
  check_members('the passkey', passkey, ['statement', ...PARTS]);
  for (const [name, text] of Object.entries(passkey)) {
    if (typeof text !== 'string' || text === '' || text.length > MOST_TEXT) bad(`its ${name}`);
  }
  const bytes = PARTS.map((name) => decode_base64url(passkey[name]) ?? bad(`its ${name}`));
  return { text: passkey.statement, data: bytes[0], client: bytes[1], signature: bytes[2] };
}

// `person`: enrolled with this passkey. `parties`: [{id, origin}] that the verifier knows.
export function check_passkey({ text, data, client, signature }, person, parties) {
  const here = parties.filter(({ id }) => id === person.passkey.rp);
  if (here.length === 0) undecided(`signed with a passkey of ${person.passkey.rp}, of which nothing is known`);
  check_client(client, sha256(text).toString('base64url'), here.map(({ origin }) => origin));
  check_data(data, person.passkey.rp);
  const is_ec = person.key.asymmetricKeyType === 'ec';
  const signed = Buffer.concat([data, sha256(client)]);
  const is_good = verify(is_ec ? 'sha256' : null, signed, { key: person.key, dsaEncoding: 'der' }, signature);
  if (!is_good) bad('the passkey did not sign it');
}

function check_client(bytes, challenge, origins) {
  const said = bytes.length <= MOST_CLIENT ? decode_json_object(bytes) : null;
  if (said === null) bad('the client data are no JSON object');
  if (said.type !== 'webauthn.get') bad('the client data are of another type');
  if (said.challenge !== challenge) bad('another challenge was signed');
  if (!origins.includes(said.origin)) bad(`signed at ${said.origin}`);
  if (said.crossOrigin !== undefined && said.crossOrigin !== false) bad('signed in a frame of another page');
  if (said.topOrigin !== undefined) bad('signed in a frame of another page');
}

function check_data(data, rp) {
  if (data.length < HEAD || data.length > MOST_DATA) bad('the authenticator data have another size');
  if (!data.subarray(0, 32).equals(sha256(rp))) bad('signed for another relying party');
  const flags = data[32];
  const is_set = (flag) => (flags & flag) !== 0;
  if (!is_set(UP) || !is_set(UV)) bad('nobody was recognized');
  if (is_set(AT) || (is_set(BS) && !is_set(BE))) bad('flags that an assertion does not have');
  if (!is_set(ED) && data.length !== HEAD) bad('bytes behind the authenticator data');
  if (is_set(ED)) check_extensions(data.subarray(HEAD));
}

function check_extensions(bytes) {
  try {
    const found = decode(bytes, { useMaps: true, allowIndefinite: false, rejectDuplicateMapKeys: true });
    if (!(found instanceof Map)) bad('extensions that are no map');
  } catch {
    bad('extensions that do not read');
  }
}
