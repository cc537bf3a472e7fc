// Files that a verifier reads. What is missing or does not read is Undecided.
import { existsSync, readFileSync, statSync } from 'node:fs';
import { undecided } from './verdict.mjs';

export function is_folder(path) {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false;
}

export const exists = existsSync;

export const file_size = (path) => statSync(path, { throwIfNoEntry: false })?.size ?? 0;

export function read_file(path, most) {
  const stat = statSync(path, { throwIfNoEntry: false });
  if (stat === undefined) undecided(`${path} is missing`);
  if (stat.size > most) undecided(`${path} is larger than ${most} bytes`);
  try {
    return readFileSync(path);
  } catch (error) {
    undecided(`${path}: ${error.message}`);
  }
}
