// A signed statement with its COSE receipt (cose_receipt.md).
import { at, bad, keep_doubt, undecided } from './verdict.mjs';
import { open1, from_cbor, verify1 } from '../../support/cose.mjs';
import { leaf_hash, root_by_path } from './merkle.mjs';
import { check_token } from './entries.mjs';
import { decode_uuid } from './text.mjs';

const [ALG, CONTENT_TYPE, CWT_CLAIMS, RECEIPTS, VDS, VDP] = [1, 3, 15, 394, 395, 396];
const [ES256, EDDSA, RFC9162_SHA256, INCLUSION] = [-7, -8, 1, -1];
const MOST_HASHES = 63;
const TAG = 0xd2;

/** Whether a file holds a COSE message and no text. */
export const is_cose = (bytes) => bytes[0] === TAG;

function open(bytes) {
  try {
    return open1(bytes);
  } catch (error) {
    return bad(`no COSE_Sign1: ${error.message}`);
  }
}

// What a protected header says: who speaks, and about what.
function claims_of({ header }) {
  const claims = header.get(CWT_CLAIMS);
  const [issuer, subject] = [1, 2].map((key) => (claims instanceof Map ? claims.get(key) : null));
  if (typeof issuer !== 'string' || typeof subject !== 'string') bad('there are no CWT claims');
  return { issuer, subject };
}

function read_path(receipt) {
  const proofs = receipt.unprotected.get(VDP)?.get?.(INCLUSION);
  if (!Array.isArray(proofs) || proofs.length !== 1) bad('there is not one inclusion proof');
  const [size, index, path] = from_cbor(proofs[0]);
  if (![size, index].every((n) => Number.isSafeInteger(n) && n >= 0)) bad('a number is none');
  if (!Array.isArray(path) || path.length > MOST_HASHES) bad('there are more than 63 hashes');
  if (path.some((hash) => hash?.length !== 32)) bad('a hash is not 32 bytes');
  return { size: BigInt(size), index: BigInt(index), path: path.map((hash) => Buffer.from(hash)) };
}

function check_one(receipt, { subject, entry }, trust) {
  if (receipt.header.get(VDS) !== RFC9162_SHA256) return null;
  const said = claims_of(receipt);
  if (said.issuer !== trust.log?.name) return null;
  const { size, index, path } = read_path(receipt);
  const claims = receipt.header.get(CWT_CLAIMS);
  if (BigInt(claims.get('pawl.size') ?? -1) !== size || BigInt(claims.get('pawl.index') ?? -1) !== index)
    bad('the log signed another size or index');
  if (receipt.payload !== null) bad('the root is carried');
  if (said.subject !== subject) bad('it is about another subject');
  const root = root_by_path(leaf_hash(entry), index, size, path);
  if (root === null) bad(`the path does not fit entry ${index} of ${size}`);
  if (receipt.header.get(ALG) !== EDDSA || !verify1(receipt, trust.log.key, { payload: root }))
    bad('the log did not sign the root to which the path leads');
  if (trust.pinned && BigInt(trust.pinned.size) === size && !trust.pinned.root.equals(root))
    bad('the pinned head of the same size has another root');
  return { index: Number(index), size: Number(size) };
}

export function check_cose_receipt(bytes, trust, doubts) {
  const statement = at('statement', () => open(bytes));
  const { issuer, subject } = at('statement', () => claims_of(statement));
  if (statement.payload === null) bad('statement: it carries no record');
  const entry = Buffer.from(statement.payload);
  const record = at('token', () => check_token(entry, trust, doubts));
  const type = statement.header.get(CONTENT_TYPE);
  if (type !== undefined && type !== `application/${record.typ}`) bad('statement: another type');
  const id = subject.startsWith('urn:uuid:') ? decode_uuid(subject.slice('urn:uuid:'.length)) : null;
  if (issuer !== record.iss || id === null || id !== record.id)
    bad('statement: it is about another record than it carries');
  if (trust.log === null) undecided('there is no trust file');
  const kid = Buffer.from(statement.header.get(4) ?? []).toString();
  keep_doubt(doubts, () => {
    const key = trust.token_keys.get(kid) ?? undecided(`statement: no trusted key is ${kid}`);
    if (statement.header.get(ALG) !== ES256 || !verify1(statement, key))
      bad('statement: its signature is false');
  });
  const receipts = statement.unprotected.get(RECEIPTS) ?? [];
  const found = receipts.map((one) => at('receipt', () => check_one(open(one), { subject, entry }, trust)))
    .filter((one) => one !== null);
  if (found.length === 0) doubts.push(`no receipt is of the log ${trust.log.name}`);
  return found[0] ?? {};
}
