// Signed notes and checkpoints, as docs/formats/tiles.md has them (C2SP signed-note, tlog-checkpoint).
// Strict: what does not read is `bad`; what nobody here can check is `unknown`.

import { type Bytes, concat, equal, fromBase64, sha256, toHex, utf8 } from './bytes.ts';
import { type Found, bad, good, unknown } from './answer.ts';
import { ed25519Holds } from './signature.ts';

const ED25519 = 1;
const MOST_SIGNATURES = 64;
const MOST_BYTES = 1 << 20;

interface NoteKey {
  name: string;
  id: Bytes;
  key: Bytes;
}

interface Checkpoint {
  origin: string;
  size: bigint;
  root: Bytes;
}

interface Signature {
  name: string;
  id: Bytes;
  signature: Bytes;
}

function isName(name: string): boolean {
  return name !== '' && !/[\s+\u0085]/u.test(name);
}

/** NAME+ID+KEY; null: it is no Ed25519 key, or its id does not fit. */
export async function readVkey(vkey: string): Promise<NoteKey | null> {
  const [, name, id, rest] = /^([^+]*)\+([0-9a-f]{8})\+(.*)$/.exec(vkey.trim()) ?? [];
  const bytes = rest === undefined ? null : fromBase64(rest);
  if (name === undefined || !isName(name) || bytes === null || bytes.length !== 33
      || bytes[0] !== ED25519) {
    return null;
  }
  const due = (await sha256(concat(utf8(`${name}\n`), bytes))).slice(0, 4) as Bytes;
  return toHex(due) === id ? { name, id: due, key: bytes.slice(1) as Bytes } : null;
}

function readSignature(line: string): Signature | null {
  const [, name, base64] = /^\u2014 ([^ ]+) ([^ ]+)$/u.exec(line) ?? [];
  const bytes = base64 === undefined ? null : fromBase64(base64);
  if (name === undefined || !isName(name) || bytes === null || bytes.length < 5) {
    return null;
  }
  return { name, id: bytes.slice(0, 4) as Bytes, signature: bytes.slice(4) as Bytes };
}

/** Text (with its last LF) and signatures; null: no signed note. */
export function readNote(note: string): { text: string; signatures: Signature[] } | null {
  const split = note.lastIndexOf('\n\n');
  if (split < 0 || note.length > MOST_BYTES || /[\u0000-\u0009\u000b-\u001f]/.test(note)
      || !note.endsWith('\n')) {
    return null;
  }
  const lines = note.slice(split + 2, -1).split('\n');
  const signatures = lines.map(readSignature);
  if (lines.length > MOST_SIGNATURES || signatures.includes(null)) {
    return null;
  }
  return { text: note.slice(0, split + 1), signatures: signatures as Signature[] };
}

/** The lines of a checkpoint's text; null: it is none. */
export function readCheckpoint(text: string): Checkpoint | null {
  const lines = text.endsWith('\n') ? text.slice(0, -1).split('\n') : [];
  const [origin, size, root] = lines;
  const hash = root === undefined ? null : fromBase64(root);
  if (origin === undefined || size === undefined || lines.includes('')
      || !/^(0|[1-9][0-9]{0,18})$/.test(size) || BigInt(size) >= 1n << 63n
      || hash === null || hash.length !== 32) {
    return null;
  }
  return { origin, size: BigInt(size), root: hash };
}

/** Whether the note is signed by this key: one good signature and no wrong one under its name and id. */
export async function noteSigned(note: string, key: NoteKey): Promise<Found> {
  const read = readNote(note);
  if (read === null) {
    return bad('the checkpoint is not a signed note');
  }
  const ours = read.signatures.filter((one) => one.name === key.name && equal(one.id, key.id));
  if (ours.length === 0) {
    return bad(`no signature of ${key.name} stands under the checkpoint`);
  }
  const signed = utf8(read.text);
  const answers = await Promise.all(
    ours.map((one) => ed25519Holds(key.key, one.signature, signed)));
  if (answers.includes('bad')) {
    return bad('the signature under the checkpoint is wrong');
  }
  return answers.includes('unknown') ? unknown('this browser has no Ed25519: not checked here')
    : good(`Ed25519, by the log's key of ${key.name}`);
}
