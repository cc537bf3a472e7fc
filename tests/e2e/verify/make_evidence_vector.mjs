// Makes tests/vectors/evidence anew, with new keys: the vector of docs/formats/evidence.md, its
// trust file, and the table of changes with the verdict of each.
//
//   node make_evidence_vector.mjs

import { writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { MadeLog, jwk_of, new_key } from './made_evidence.mjs';

const path = (name) => fileURLToPath(new URL(`../../vectors/evidence/${name}`, import.meta.url));
const W = '8c1f0d9c-6c1e-8f3a-a1b2-c3d4e5f60718';
const FAR = '019c96f1-1a2b-7d3c-8e4f-a0b1c2d3e4f5';  // a foreign token that was presented
const ids = [1, 2, 3, 4, 5, 6, 7].map((n) => `019c96f1-2e70-7c4b-9d1a-00000000000${n}`);

const log = new MadeLog();
const next = new_key();
const [first, second] = [log.first, next];
const call = (n, record) => log.add({ id: ids[n], wid: W, ...record });
log.add({ id: ids[5], wid: W.replace(/8$/, '9') });
const root = call(0, { body: { agent: 'triage', outcome: 'confirmed' } });
const begun = log.activate(second);
const ended = log.retire(first, { by: second });
const foreign = call(1, { by: second, pred: [ids[0], FAR],
  body: { agent: 'triage', level: 'L2', outcome: 'unknown', basis: ['data', 'declared'] } });
const leaf = call(2, { by: second, pred: [ids[1]],
  body: { agent: 'triage', outcome: 'denied', basis: ['inferred'] } });

const file = log.evidence(W, [root, foreign, leaf],
  { key_records: [0, begun, ended], missing: [FAR] });
file.keys.token_keys.keys = [first, second].map(jwk_of).sort((a, b) => (a.kid < b.kid ? -1 : 1));
const text = `${JSON.stringify(file)}\n`;
const trust = log.trust([first]);

const entry = (index) => JSON.stringify(log.entry(index));
const stray = entry(1);
const proof = (index) => JSON.stringify(log.entry(index).proof);
const of_root = entry(root);
const of_foreign = entry(foreign);
const of_leaf = entry(leaf);
const kids = file.keys.token_keys.keys.map(({ kid }) => kid);
const other = new MadeLog().checkpoint();
const B = 'bad';
const U = 'undecided';
const G = 'good';
const case_of = ([name, replace, by, verdict]) => JSON.stringify({ name, replace, by, verdict });
const cases = [
  ['other white space', ',"entries":', ',\n\t "entries" :\r\n', G],
  ['another order of members', '"format":"pawl.evidence/1","workflow"', '"workflow"', U],
  ['a member again under an escaped name', '"missing":', '"m\\u0069ssing":[],"missing":', B],
  ['an escaped name', '"missing":', '"m\\u0069ssing":', G],
  ['a later form', 'pawl.evidence/1', 'pawl.evidence/2', U],
  ['another file', 'pawl.evidence/1', 'pawl.trust/1', U],
  ['the format is escaped', 'pawl.evidence/1', 'pawl.evidence\\/1', U],
  ['no brace', '{"format"', '["format"', U],
  ['cut off', ']}\n', ']', B],
  ['something behind it', ']}\n', ']}x', B],
  ['a member that nobody knows', '{"format"', '{"note":1,"format"', B],
  ['no missing', ',"missing":["' + FAR + '"]', '', B],
  ['missing is a text', `["${FAR}"]`, `"${FAR}"`, B],
  ['a missing parent is not named', `["${FAR}"]`, '[]', B],
  ['another one is named', `["${FAR}"]`, `["${FAR}","${ids[6]}"]`, B],
  ['named twice', `["${FAR}"]`, `["${FAR}","${FAR}"]`, B],
  ['one that is there is named', `["${FAR}"]`, `["${FAR}","${ids[0]}"]`, B],
  ['an id in upper case', `["${FAR}"]`, `["${FAR.toUpperCase()}"]`, B],
  ['an id that is none', `["${FAR}"]`, '["x"]', B],
  ['another workflow', `"workflow":"${W}"`, `"workflow":"${W.replace(/8$/, '9')}"`, B],
  ['the workflow in upper case', `"workflow":"${W}"`, `"workflow":"${W.toUpperCase()}"`, B],
  ['the workflow is a number', `"workflow":"${W}"`, '"workflow":8', B],
  ['no entries', `[${of_root},${of_foreign},${of_leaf}]`, '[]', B],
  ['the leaf left out', `,${of_leaf}]`, ']', G],
  ['the root left out', `${of_root},`, '', B],
  ['the root left out, and named', `${of_root},${of_foreign},${of_leaf}],"missing":["${FAR}"]`,
   `${of_foreign},${of_leaf}],"missing":["${FAR}","${ids[0]}"]`, U],
  ['a call of another workflow', `[${of_root}`, `[${stray},${of_root}`, B],
  ['the same as a key record', `[${entry(0)},`, `[${entry(0)},${stray},`, B],
  ['out of order', `${of_root},${of_foreign}`, `${of_foreign},${of_root}`, B],
  ['an entry twice', `${of_root},`, `${of_root},${of_root},`, B],
  ['an entry in both lists', `[${of_root}`, `[${entry(0)},${of_root}`, B],
  ['an index with a fraction', `"index":${leaf}`, `"index":${leaf}.0`, B],
  ['an index with an exponent', `"index":${leaf}`, `"index":${leaf}e0`, B],
  ['an index below 0', `"index":${leaf}`, `"index":-${leaf}`, B],
  ['an index as a text', `"index":${leaf}`, `"index":"${leaf}"`, B],
  ['another index', `"index":${leaf}`, `"index":${leaf + 1}`, B],
  ['an index beyond all', `"index":${leaf}`, '"index":9223372036854775808', B],
  ['an entry with more', `{"index":${leaf}`, `{"id":1,"index":${leaf}`, B],
  ['an entry without proof', `,"proof":${proof(leaf)}`, '', B],
  ['an empty proof', proof(leaf), '[]', B],
  ['the proof of another', proof(leaf), proof(root), B],
  ['a hash that is too short', proof(leaf), '["AAAA"]', B],
  ['a hash that is no text', proof(leaf), '[1]', B],
  ['a token with a line end', `${log.entries[leaf].token}"`, `${log.entries[leaf].token}\\n"`, B],
  ['an empty token', log.entries[leaf].token, '', B],
  ['another token', log.entries[leaf].token, log.entries[root].token, B],
  ['the checkpoint of another log', JSON.stringify(file.checkpoint), JSON.stringify(other), B],
  ['no checkpoint', JSON.stringify(file.checkpoint), '""', B],
  ['the first key record left out', `[${entry(0)},`, '[', B],
  ['the activation left out', `,${entry(begun)}`, '', B],
  ['the retirement left out: it cannot be seen', `,${entry(ended)}`, '', G],
  ['the keys under other names', kids[0], kids[1], B],
  ['a key with a use', `"kid":"${kids[0]}","kty"`, `"kid":"${kids[0]}","use":"sig","kty"`, B],
  ['no operator keys', `,"operator_keys":${JSON.stringify(file.keys.operator_keys)}`, '', G],
  ['one token key less', `,${JSON.stringify(file.keys.token_keys.keys[1])}`, '', G],
  ['the log\'s key of another', file.keys.log, new MadeLog().vkey(), B],
  ['too deep', '"missing":[', '"missing":[[[[[[[]]]]]],', B],
].map(case_of);

writeFileSync(path('workflow.evidence'), text);
writeFileSync(path('log.trust'), `${JSON.stringify(trust)}\n`);
writeFileSync(path('cases.json'), `{"cases":[\n${cases.join(',\n')}\n]}\n`);
