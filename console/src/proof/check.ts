// One record with its proof, as GET /api/v1/records/ID gives it, checked in the browser. Each step says
// what was compared; the verdict is the worst of them. Pure but for WebCrypto; needs no network.
//
// proven      every step is good, with keys that the reader brought
// consistent  every step is good, but the keys are those that this very server names
// undecided   nothing is wrong, and something could not be checked here; never shown as success
// bad         something is wrong

import { type Bytes, equal, fromBase64url, utf8 } from './bytes.ts';
import { type Found, bad, good, unknown } from './answer.ts';
import { type Json, type JsonObject, type Token, readToken, tokenSigned } from './jws.ts';
import { noteSigned, readCheckpoint, readNote, readVkey } from './note.ts';
import { leafHash, rootOf } from './tree.ts';
import { type Trust, keysOf } from './trust.ts';

interface RecordProof {
  checkpoint: string;
  index: number;
  size: number;
  path: string[];
  leaf: string;
}

export interface ProvenRecord {
  index: number;
  id: string;
  token: string;
  claims?: Json;
  /** null: none can be made now, mostly because no checkpoint covers the record yet. */
  proof: RecordProof | null;
  /** Why there is none. */
  proof_problem?: string;
  keys: { jwks: Json; vkey: string };
}

export type Verdict = 'proven' | 'consistent' | 'undecided' | 'bad';

export interface Step extends Found {
  name: 'words' | 'signature' | 'entry' | 'place' | 'checkpoint' | 'keys';
}

export interface Checked {
  verdict: Verdict;
  steps: Step[];
  /** The claims as they were signed, null where the token does not read. Show these, not the server's. */
  claims: JsonObject | null;
}

function same(a: Json | undefined, b: Json | undefined): boolean {
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) {
    return a === b;
  }
  const names = Object.keys(a);
  const [left, right] = [a as JsonObject, b as JsonObject];
  return Array.isArray(a) === Array.isArray(b) && names.length === Object.keys(b).length
    && names.every((name) => Object.hasOwn(right, name) && same(left[name], right[name]));
}

function words(record: ProvenRecord, token: Token | null): Found {
  if (token === null) {
    return bad('the record is no signed token');
  }
  const id = token.claims.jti;
  if (typeof id !== 'string' || id.toLowerCase() !== record.id.toLowerCase()) {
    return bad('the signed record has another id');
  }
  if (!token.exact) {
    return unknown('the record is spelled in a way that this page does not read with certainty');
  }
  if (record.claims !== undefined && !same(record.claims, token.claims)) {
    return bad('the server showed other claims than those that were signed');
  }
  return good('id and claims are those that were signed');
}

function entry(record: ProvenRecord): Found {
  const proof = record.proof;
  if (proof === null) {
    return unknown(record.proof_problem ?? 'no checkpoint covers the record yet');
  }
  const leaf = fromBase64url(proof.leaf);
  if (leaf === null || !equal(leaf, utf8(record.token))) {
    return bad('the entry of the log is not this record');
  }
  return proof.index === record.index ? good('the entry of the log is this record, byte for byte')
    : bad('the proof is of another entry');
}

async function place(record: ProvenRecord): Promise<Found> {
  const proof = record.proof;
  const note = proof === null ? null : readNote(proof.checkpoint);
  const head = note === null ? null : readCheckpoint(note.text);
  if (proof === null) {
    return unknown('there is no proof yet');
  }
  if (head === null || !Number.isSafeInteger(proof.index) || head.size !== BigInt(proof.size)) {
    return bad('the checkpoint does not read, or is of another size');
  }
  const path = proof.path.map(fromBase64url);
  if (path.includes(null)) {
    return bad('the path does not read');
  }
  const leaf = await leafHash(utf8(record.token));
  const root = await rootOf(BigInt(proof.index), head.size, leaf, path as Bytes[]);
  return root !== null && equal(root, head.root)
    ? good(`${path.length} hashes lead from entry ${proof.index} to the root of ${head.size} entries`)
    : bad('the path does not lead to the root of the checkpoint');
}

async function checkpoint(record: ProvenRecord, vkey: string): Promise<Found> {
  if (record.proof === null) {
    return unknown('there is no checkpoint yet');
  }
  const key = await readVkey(vkey);
  if (key === null) {
    return unknown('the key of the log does not read');
  }
  const note = readNote(record.proof.checkpoint);
  const head = note === null ? null : readCheckpoint(note.text);
  if (head !== null && head.origin !== key.name) {
    return bad('the checkpoint is of another log');
  }
  return noteSigned(record.proof.checkpoint, key);
}

function keys(record: ProvenRecord, trust: Trust | null): Found {
  if (trust === null) {
    return unknown('the keys are those that this server names; bring your trust file');
  }
  const head = record.proof && readCheckpoint(readNote(record.proof.checkpoint)?.text ?? '');
  if (trust.pinned && head && trust.pinned.size === head.size
      && !equal(trust.pinned.root, head.root)) {
    return bad('the log has another root than the head that you pinned');
  }
  return good('the keys are those of your trust file');
}

function verdictOf(steps: Step[], trust: Trust | null): Verdict {
  if (steps.some((step) => step.answer === 'bad')) {
    return 'bad';
  }
  if (steps.some((step) => step.name !== 'keys' && step.answer !== 'good')) {
    return 'undecided';
  }
  return trust !== null && steps.every((step) => step.answer === 'good') ? 'proven' : 'consistent';
}

export async function checkRecord(record: ProvenRecord, trust: Trust | null): Promise<Checked> {
  const token = readToken(record.token);
  const signers = trust === null ? keysOf(record.keys.jwks) : trust.keys;
  const vkey = trust === null ? record.keys.vkey : trust.log;
  const steps: Step[] = [
    { name: 'words', ...words(record, token) },
    { name: 'signature', ...(token === null ? bad('there is no signature')
      : await tokenSigned(token, signers)) },
    { name: 'entry', ...entry(record) },
    { name: 'place', ...await place(record) },
    { name: 'checkpoint', ...await checkpoint(record, vkey) },
    { name: 'keys', ...keys(record, trust) },
  ];
  return { verdict: verdictOf(steps, trust), steps, claims: token?.claims ?? null };
}

/** What to type on a machine that is trusted; see docs/operations/verify.md. */
export function verifyCommands(id: string): string[] {
  return [`pawl ledger prove ${id} -o record`,
    'pawl verify record.token --proof record.tlog-proof --trust log.trust'];
}

export function evidenceCommand(workflow: string): string {
  return `pawl ledger export --workflow ${workflow} workflow.evidence`;
}
