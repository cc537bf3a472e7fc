// Witnesses as tests need them: a key, a line in a policy, and cosignatures of whatever is asked.

import { createHash, generateKeyPairSync, sign } from 'node:crypto';

/** A witness of its own key: its line in a policy, and its cosignature of a note. */
export function make_witness(name, time) {
  const { publicKey, privateKey } = generateKeyPairSync('ed25519');
  const raw = Buffer.from(publicKey.export({ format: 'jwk' }).x, 'base64url');
  const typed = Buffer.concat([Buffer.from([4]), raw]);
  const id = createHash('sha256').update(`w/${name}\n`).update(typed).digest().subarray(0, 4);
  const vkey = `w/${name}+${id.toString('hex')}+${typed.toString('base64')}`;
  const time_bytes = Buffer.alloc(8);
  time_bytes.writeBigUInt64BE(BigInt(time));
  const cosign = (note, change = (bytes) => bytes) => {
    const text = note.slice(0, note.lastIndexOf('\n\n') + 1);
    const message = Buffer.from(`cosignature/v1\ntime ${time}\n${text}`);
    const bytes = Buffer.concat([id, time_bytes, sign(null, message, privateKey)]);
    return `\u2014 w/${name} ${change(bytes).toString('base64')}\n`;
  };
  return { policy: `witness ${name} ${vkey}\n`, cosign };
}
