// A receipt with its token (receipt.md).
import { at, bad, undecided } from './verdict.mjs';
import { decode_base64, decode_decimal, decode_utf8 } from './text.mjs';
import { check_signer, read_checkpoint } from './checkpoint.mjs';
import { leaf_hash, root_by_path } from './merkle.mjs';
import { check_token } from './entries.mjs';

const FIRST_LINE = 'c2sp.org/tlog-proof@v1';
const MOST_HASHES = 63;

export function read_receipt(bytes) {
  const text = decode_utf8(bytes);
  if (text === null) bad('the receipt is not UTF-8');
  const end = text.indexOf('\n\n');
  if (end < 0) bad('the receipt has no checkpoint');
  const [first, ...lines] = text.slice(0, end).split('\n');
  if (first !== FIRST_LINE) bad(`the first line is not ${FIRST_LINE}`);
  if (lines[0]?.startsWith('extra ')) {
    if (decode_base64(lines.shift().slice('extra '.length)) === null)
      bad('the extra line is not base64');
  }
  const index = lines[0]?.startsWith('index ')
    ? decode_decimal(lines.shift().slice('index '.length))
    : null;
  if (index === null) bad('the receipt has no index');
  const path = lines.map((line) => decode_base64(line));
  if (path.length > MOST_HASHES) bad('the receipt has more than 63 hashes');
  if (path.some((hash) => hash?.length !== 32)) bad('a hash is not 32 bytes');
  return { index, path, checkpoint: read_checkpoint(Buffer.from(text.slice(end + 2))) };
}

export function check_receipt(bytes, token, trust, doubts) {
  const { index, path, checkpoint } = at('receipt', () => read_receipt(bytes));
  at('receipt', () => {
    const root = root_by_path(leaf_hash(token), index, checkpoint.size, path);
    if (root === null) bad(`the path does not fit entry ${index} of ${checkpoint.size}`);
    if (!root.equals(checkpoint.root)) bad('the path does not lead from the token to the root');
    check_signer(checkpoint, trust.log);
    if (
      trust.pinned &&
      BigInt(trust.pinned.size) === checkpoint.size &&
      !trust.pinned.root.equals(checkpoint.root)
    ) {
      bad('the pinned head of the same size has another root');
    }
  });
  at('token', () => check_token(token, trust, doubts));
  if (trust.log === null) undecided('there is no trust file');
  return { index: Number(index), size: Number(checkpoint.size) };
}
