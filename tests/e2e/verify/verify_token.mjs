// Verifies an Execution Context Token (compact JWS) with the jose package.
//
//   node verify_token.mjs --key FILE TOKEN-FILE|-      FILE: a JWK, a JWK set, or a PEM public key
//
// Prints {"verdict", "header", "payload"}; exits 0 good, 1 bad, 2 cannot decide. It checks form,
// algorithm and signature, and that the claims which every token has are there; expiry is not
// checked, because recorded tokens outlive theirs.

import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { compactVerify, createLocalJWKSet, decodeProtectedHeader, errors, importJWK, importSPKI }
  from 'jose';
import { answer, bad, tell, undecided } from './independent/verdict.mjs';

const ALGORITHMS = ['ES256', 'ES384', 'ES512', 'EdDSA', 'Ed25519'];
const TYPES = ['exec+jwt', 'wimse-exec+jwt'];
const REQUIRED = ['iss', 'aud', 'iat', 'exp', 'jti', 'exec_act'];

async function load_key(text, algorithm) {
  if (text.startsWith('-----BEGIN')) {
    return importSPKI(text, algorithm);
  }
  const json = JSON.parse(text);
  return Array.isArray(json.keys) ? createLocalJWKSet(json) : importJWK(json, algorithm);
}

function decode_header(token) {
  try {
    return decodeProtectedHeader(token);
  } catch (error) {
    return bad(`not a compact JWS: ${error.message}`);
  }
}

/**
 * @param {string} token @param {string} key_text JWK, JWK set or PEM
 * @returns {Promise<{header: object, payload: object}>}
 */
export async function verify_token(token, key_text) {
  const header = decode_header(token);
  if (!TYPES.includes(header.typ)) bad(`typ ${header.typ}`);
  if (!ALGORITHMS.includes(header.alg)) bad(`alg ${header.alg}`);
  const key = await load_key(key_text, header.alg);
  try {
    const { payload } = await compactVerify(token, key, { algorithms: ALGORITHMS });
    const claims = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(payload));
    const missing = REQUIRED.filter((name) => claims[name] === undefined);
    if (missing.length > 0) bad(`claims missing: ${missing.join(', ')}`);
    return { header, payload: claims };
  } catch (error) {
    if (error instanceof errors.JWKSNoMatchingKey) undecided(`no key with kid ${header.kid}`);
    throw error instanceof errors.JOSEError ? bad(error.message) : error;
  }
}

if (process.argv[1] === import.meta.filename) {
  const { values, positionals: [file] } = parseArgs({ allowPositionals: true,
    options: { key: { type: 'string' } } });
  tell(await answer(() => {
    if (values.key === undefined || file === undefined) undecided('a key and a token are needed');
    const token = readFileSync(file === '-' ? 0 : file, 'utf8').trim();
    return verify_token(token, readFileSync(values.key, 'utf8'));
  }));
}
