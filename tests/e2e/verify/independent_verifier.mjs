// A second verifier of checkpoints, receipts and logs. It shares no code with the first one: only
// node:crypto and what the pages of docs/formats and the C2SP documents say.
//
//   node independent_verifier.mjs checkpoint --vkey VKEY FILE
//   node independent_verifier.mjs receipt    --vkey VKEY --entry FILE PROOF
//   node independent_verifier.mjs log        --vkey VKEY [--older CHECKPOINT]... FOLDER
//
// VKEY is the log's verifier key or a file that holds it. The entry's bytes are taken as they are.
// FOLDER has the layout of tlog-tiles: "checkpoint" and "tile/". Prints one JSON line; exits 0
// good, 1 bad, 2 cannot decide.

import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { open_checkpoint, parse_vkey } from './note.mjs';
import { Undecided, run_command } from './proof_error.mjs';
import { check_receipt } from './receipt.mjs';
import { check_log } from './tiles.mjs';

const read_text = (file) => readFileSync(file, 'utf8');

async function verify(command, target, { vkey, entry, older = [] }) {
  if (vkey === undefined || target === undefined) {
    throw new Undecided('a verifier key (--vkey) and a file or folder are needed');
  }
  const key = parse_vkey(existsSync(vkey) ? read_text(vkey) : vkey);
  switch (command) {
    case 'checkpoint': {
      const { origin, size } = open_checkpoint(read_text(target), key);
      return { origin, size: Number(size) };
    }
    case 'receipt': {
      if (entry === undefined) {
        throw new Undecided('the entry (--entry) is needed');
      }
      const { origin, index, size } = check_receipt(readFileSync(entry), read_text(target), key);
      return { origin, index: Number(index), size: Number(size) };
    }
    case 'log': {
      const newest = open_checkpoint(read_text(join(target, 'checkpoint')), key);
      await check_log(target, newest, older.map((file) => open_checkpoint(read_text(file), key)));
      return { origin: newest.origin, size: Number(newest.size), older: older.length };
    }
    default:
      throw new Undecided('checkpoint, receipt or log?');
  }
}

const { values, positionals: [command, target] } = parseArgs({ allowPositionals: true, options: {
  vkey: { type: 'string' }, entry: { type: 'string' }, older: { type: 'string', multiple: true },
} });
await run_command(() => verify(command, target, values));
