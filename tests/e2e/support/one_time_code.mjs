// The codes that a phone shows for the secret of an account (RFC 6238: HMAC-SHA-1, 6 digits, 30 s).

import { createHmac } from 'node:crypto';

export const STEP_S = 30;

export const from_base32 = (text) => Buffer.from([...text]
  .map((c) => 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'.indexOf(c).toString(2).padStart(5, '0')).join('')
  .match(/.{8}/g).map((byte) => parseInt(byte, 2)));

export const present_step = () => Math.floor(Date.now() / 1000 / STEP_S);

/** @param {Buffer} secret @param {number} step which 30 seconds since 1970 */
export function code_of(secret, step = present_step()) {
  const count = Buffer.alloc(8);
  count.writeBigUInt64BE(BigInt(step));
  const mac = createHmac('sha1', secret).update(count).digest();
  const number = mac.readUInt32BE(mac.at(-1) & 15) & 0x7fffffff;
  return String(number % 1_000_000).padStart(6, '0');
}
