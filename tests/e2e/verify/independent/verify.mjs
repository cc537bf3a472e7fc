// Independent verifier of Pawl's evidence, written from docs/formats alone: it shares no code with
// Pawl, and where it had to guess, the page was mended.
//
//   node verify.mjs PATH --trust FILE                  a data folder, its ledger, or a bundle
//   node verify.mjs EVIDENCE --trust FILE              the records of one workflow
//   node verify.mjs TOKEN --proof FILE --trust FILE    a record and its receipt
//   node verify.mjs COSE --trust FILE                  the same in one file
//   node verify.mjs STATEMENT --statement --trust FILE what an operator signed
//   node verify.mjs EQUIVOCATION --trust FILE          that the log signed two histories
// With --policy FILE the first three also ask whether enough witnesses cosigned the checkpoint.
//
// Prints one line of JSON. Exit: 0 proven good, 1 proven bad (`reason` names the first bad thing),
// 2 cannot decide. Without --trust nothing is ever good.
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { answer, tell, undecided } from './verdict.mjs';
import { check_bundle } from './bundle.mjs';
import { check_equivocation, looks_like_equivocation } from './equivocation.mjs';
import { check_folder } from './folder.mjs';
import { MOST_BYTES, check_evidence, looks_like_evidence, read_evidence } from './evidence.mjs';
import { check_jws } from './jws.mjs';
import { check_cose_receipt, is_cose } from './cose_receipt.mjs';
import { check_jws_receipt, looks_like_jws_receipt, read_jws_receipt } from './jws_receipt.mjs';
import { check_receipt, read_receipt } from './receipt.mjs';
import { read_statement } from './statement.mjs';
import { NO_TRUST, read_trust } from './trust.mjs';
import { exists, is_folder, read_file } from './files.mjs';
import { read_checkpoint } from './checkpoint.mjs';
import { check_policy, read_policy } from './witness.mjs';

const MOST_TRUST = 4 << 20;
const MOST_TEXT = 1 << 20;

const ledger_of = (path) => (exists(join(path, 'ledger', 'segments')) ? join(path, 'ledger') : path);

function check_path(path, trust, doubts) {
  const ledger = ledger_of(path);
  if (exists(join(ledger, 'segments'))) return check_folder(ledger, trust, doubts);
  return check_bundle(path, trust, doubts);
}

function check_statement(bytes, { operator_keys }) {
  if (operator_keys === null) undecided('there are no operator keys');
  const { jws, jti, ovr } = read_statement(bytes);
  check_jws(jws, operator_keys);
  return { jti, ...ovr };
}

function check_file(bytes, proof, policy, trust, doubts) {
  if (proof !== undefined) undecided('an evidence file has its own proofs');
  const evidence = read_evidence(bytes);
  const found = check_evidence(evidence, trust, doubts);
  check_policy(policy, evidence.checkpoint, trust.log, doubts);
  return found;
}

// A file that holds one token may end in white space; the token does not.
function read_token(path) {
  return Buffer.from(read_file(path, MOST_TEXT).toString('latin1').trimEnd(), 'latin1');
}

// A daemon that writes meanwhile may show a batch before it is whole: damage is what is still there
// when it is read again. `trust` and `proof` are paths.
export async function verify(path, options) {
  const found = await verify_once(path, options);
  return found.verdict === 'bad' && is_folder(path) ? verify_once(path, options) : found;
}

function verify_once(path, { trust: trust_path, proof, policy: policy_path, statement = false }) {
  return answer((doubts) => {
    const trust =
      trust_path === undefined ? NO_TRUST : read_trust(read_file(trust_path, MOST_TRUST));
    const policy = policy_path === undefined ? null : read_policy(read_file(policy_path, MOST_TEXT));
    if (is_folder(path)) {
      const published = join(ledger_of(path), 'checkpoint');
      const head = exists(published) ? read_checkpoint(read_file(published, MOST_TEXT)) : null;
      const check_size = check_policy(policy, head, trust.log, doubts);
      const found = check_path(path, trust, doubts);
      check_size(BigInt(found.entries));
      return found;
    }
    if (statement) return check_statement(read_token(path), trust);
    const file = read_file(path, MOST_BYTES);
    if (looks_like_equivocation(file)) return check_equivocation(file, trust);
    if (looks_like_evidence(file)) return check_file(file, proof, policy, trust, doubts);
    if (proof === undefined && is_cose(file)) {
      check_policy(policy, null, trust.log, doubts);
      return check_cose_receipt(file, trust, doubts);
    }
    if (proof === undefined) undecided('a token needs its proof');
    const bytes = read_file(proof, MOST_TEXT);
    if (looks_like_jws_receipt(bytes)) {
      const receipt = read_jws_receipt(bytes);
      check_policy(policy, read_receipt(receipt.proof).checkpoint, trust.log, doubts);
      return check_jws_receipt(receipt, read_token(path), trust, doubts);
    }
    check_policy(policy, read_receipt(bytes).checkpoint, trust.log, doubts);
    return check_receipt(bytes, read_token(path), trust, doubts);
  });
}

if (process.argv[1] === import.meta.filename) {
  const options = {
    trust: { type: 'string' },
    proof: { type: 'string' },
    policy: { type: 'string' },
    statement: { type: 'boolean' },
  };
  const { values, positionals } = parseArgs({ allowPositionals: true, options });
  tell(await (positionals.length === 1 ? verify(positionals[0], values) : answer(usage)));
}

function usage() {
  undecided('usage: verify.mjs PATH [--proof FILE | --statement] --trust FILE');
}
