// Which files of a data folder hold a text: for names and secrets that must stand nowhere.

import { readFile, readdir } from 'node:fs/promises';
import { join } from 'node:path';

/**
 * Files below a folder that hold a text, in the clear or within a token. A daemon may run meanwhile:
 * a file that it renames or removes is looked at under its next name, or holds nothing any more.
 */
export async function holding(root, text) {
  const entries = await readdir(root, { recursive: true, withFileTypes: true });
  const out = [];
  for (const entry of entries.filter((one) => one.isFile())) {
    const bytes = await read(join(entry.parentPath ?? entry.path, entry.name));
    const payloads = bytes.toString('latin1').match(/[A-Za-z0-9_-]{40,}/g) ?? [];
    if (bytes.includes(text) || payloads.some((one) => Buffer.from(one, 'base64url').includes(text))) {
      out.push(entry.name);
    }
  }
  return out;
}

async function read(path) {
  try {
    return await readFile(path);
  } catch (error) {
    if (error.code !== 'ENOENT') {
      throw error;
    }
    return path.endsWith('.tmp') ? read(path.slice(0, -'.tmp'.length)) : Buffer.alloc(0);
  }
}
