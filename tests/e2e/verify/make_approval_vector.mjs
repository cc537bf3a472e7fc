// Prints tests/vectors/approval/statement.json, the example of docs/formats/approval.md, made with jose
// and the key of RFC 7515, appendix A.3, from what stands in the vector: `node22 make_approval_vector.mjs`.
import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { CompactSign, importJWK } from 'jose';
import { Person, canonical, digest_of, terms_digest } from '../support/people.mjs';

const file = new URL('../../vectors/approval/statement.json', import.meta.url);
const vector = JSON.parse(await readFile(file, 'utf8'));
const { binding, kid, params, private_key, requested_at } = vector;
const terms = { roles: ['approver'], of: 1, uses: 1, within_s: 900, escalate_to: [] };
const approval = { id: '019ab1c2-7d10-7c3e-9a54-2f6b8c1d0e11', binding, nonce: digest_of('nonce'),
  owner: '', terms, expires: requested_at + terms.within_s };
const ada = Object.assign(new Person(), { name: 'ada', kid, key: await importJWK(private_key, 'ES256') });
const statement = canonical(ada.statement(approval));
// The signature is another one each time: the token is kept while the statement is the same.
const token = vector.statement === statement ? vector.token
  : await new CompactSign(new TextEncoder().encode(statement))
    .setProtectedHeader({ alg: 'ES256', kid, typ: 'approval+jwt' }).sign(ada.key);
console.log(JSON.stringify({ params, requested_at, key: vector.key, private_key, kid, binding,
  binding_digest: digest_of(canonical(binding)), terms, owner: approval.owner,
  terms_digest: terms_digest(approval), statement,
  digest: createHash('sha256').update(statement).digest('base64url'), token }, undefined, 1));
