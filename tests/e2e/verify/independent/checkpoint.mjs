// Checkpoints: signed notes that state the size and the root of the log (tiles.md).
import { bad } from './verdict.mjs';
import { decode_base64, decode_decimal } from './text.mjs';
import { check_signature, read_note } from './note.mjs';

// { origin, size (BigInt), root, note }. Verifies nothing: see check_signer.
export function read_checkpoint(bytes) {
  const note = read_note(bytes);
  const [origin, size, root, ...extensions] = note.text.slice(0, -1).split('\n');
  const checkpoint = {
    origin,
    size: decode_decimal(size ?? ''),
    root: decode_base64(root ?? ''),
    note,
  };
  if (origin === '') bad('the checkpoint has no origin');
  if (checkpoint.size === null) bad('the size of the checkpoint is not a number');
  if (checkpoint.root?.length !== 32) bad('the root of the checkpoint is not 32 bytes');
  if (extensions.includes('')) bad('the checkpoint has an empty line');
  return checkpoint;
}

// `trusted` is null without a trust file: then nothing is said about signatures.
export function check_signer(checkpoint, trusted) {
  if (trusted === null) return;
  if (checkpoint.origin !== trusted.name)
    bad(`the origin is ${checkpoint.origin}, not ${trusted.name}`);
  check_signature(checkpoint.note, trusted);
}
