// The files of the vault, and salts made with its keys, from docs/formats/vault.md and
// salted_digests.md alone.
import { createCipheriv, createDecipheriv, createHash, createHmac } from 'node:crypto';

const FORMAT = 'pawl.vault/1';
const KEY_FORMAT = 'pawl.vault-key/1';

const mac = (key, text) => createHmac('sha256', key).update(text).digest();
const base64url = (bytes) => Buffer.from(bytes).toString('base64url');

/** nonce, ciphertext, tag */
function seal(key, bound, plain, nonce) {
  const cipher = createCipheriv('aes-256-gcm', key, nonce);
  cipher.setAAD(Buffer.from(bound));
  return Buffer.concat([nonce, cipher.update(plain), cipher.final(), cipher.getAuthTag()]);
}

function open(key, bound, sealed) {
  const cipher = createDecipheriv('aes-256-gcm', key, sealed.subarray(0, 12));
  cipher.setAAD(Buffer.from(bound));
  cipher.setAuthTag(sealed.subarray(-16));
  return Buffer.concat([cipher.update(sealed.subarray(12, -16)), cipher.final()]);
}

const check_value = (key, retention, made) => base64url(
  mac(key, `${KEY_FORMAT} check\n${retention}\n${made}\n`).subarray(0, 16));
const wrapping_key = (key) => mac(key, `${FORMAT} wrap`);

export function print_key_file({ key, retention, made }) {
  const id = check_value(key, retention, made);
  return `${[KEY_FORMAT, id, retention, made, base64url(key)].join('\n')}\n`;
}

export function read_key_file(text) {
  const [format, id, retention, made, encoded, ...rest] = text.split('\n');
  if (format !== KEY_FORMAT || rest.join() !== '') throw new Error('no key file');
  const key = Buffer.from(encoded, 'base64url');
  if (check_value(key, retention, made) !== id) throw new Error('another key');
  return { id, retention, made, key };
}

/** The bytes of an object file. */
export function seal_object(key_file, { name, made, content, object_key, nonces }) {
  const { id, retention, key } = read_key_file(key_file);
  const head = `${[FORMAT, name, retention, id, made].join('\n')}\n`;
  const wrapped = base64url(seal(wrapping_key(key), head, object_key, nonces[0]));
  const whole_head = `${head}${wrapped}\n`;
  return Buffer.concat([Buffer.from(whole_head), seal(object_key, whole_head, content, nonces[1])]);
}

export function open_object(key_file, file) {
  const { id, retention, key } = read_key_file(key_file);
  const ends = [];
  for (let at = -1; ends.length < 6; ends.push(at)) at = file.indexOf(10, at + 1);
  const [format, name, its_retention, its_key, made, wrapped] =
    file.subarray(0, ends[5]).toString().split('\n');
  if (format !== FORMAT || its_key !== id || its_retention !== retention) {
    throw new Error('not an object of this key');
  }
  const head = file.subarray(0, ends[4] + 1);
  const object_key = open(wrapping_key(key), head, Buffer.from(wrapped, 'base64url'));
  return { name, made, content: open(object_key, file.subarray(0, ends[5] + 1), file.subarray(ends[5] + 1)) };
}

/** The salt of one digest of a record, read from docs/formats/salted_digests.md alone. */
export const salt_of = (key_file, record, of) =>
  mac(read_key_file(key_file).key, `${FORMAT} salt\n${record}\n${of}\n`);

/** What the record has for these bytes. */
export const salted_digest = (salt, bytes) => createHash('sha256')
  .update(salt).update(createHash('sha256').update(bytes).digest()).digest('base64url');
