// How many bytes on the disk do calls cost? Runs calls through a daemon of its own and adds up its
// data folder by kind, read as docs/formats/segment.md says. docs/operations/disk-space.md has the
// figures.
//
//   tests/e2e/node22 tests/e2e/log_size.mjs [--calls 10000] [--clients 16] [--tool change|look]
//
// Prints one JSON object.

import { readFile, readdir, rm, stat, mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { RawAgent } from './crash/raw_agent.mjs';
import { ALLOW_ALL, Pawl } from './support/pawl.mjs';
import { NODE, start_until_json } from './support/process.mjs';

const WITNESS = fileURLToPath(new URL('crash/witness_server.mjs', import.meta.url));
const HEADER = 64;
const FRAME = 32;
const KINDS = { 1: 'intents', 2: 'entries', 3: 'checkpoints' };

const padded = (length) => Math.ceil((FRAME + length) / 8) * 8;

/** Bytes and counts of the frames of one segment; what is written ahead is counted apart. */
function add_segment(bytes, sums) {
  let at = HEADER;
  while (at + FRAME <= bytes.length && bytes.toString('latin1', at, at + 4) === 'PAWL') {
    const length = bytes.readUInt32BE(at + 16);
    const sum = sums[KINDS[bytes[at + 4]]];
    sum.count += 1;
    sum.bytes += padded(length);
    at += padded(length);
  }
  sums.ahead += bytes.length - at;
}

async function size_of(folder) {
  let total = 0;
  for (const entry of await readdir(folder, { withFileTypes: true, recursive: true })
    .catch(() => [])) {
    total += entry.isFile() ? (await stat(join(entry.parentPath ?? entry.path, entry.name))).size : 0;
  }
  return total;
}

async function measure(data) {
  const sums = { ahead: 0 };
  for (const kind of Object.values(KINDS)) {
    sums[kind] = { count: 0, bytes: 0 };
  }
  const segments = join(data, 'ledger', 'segments');
  for (const name of await readdir(segments)) {
    add_segment(await readFile(join(segments, name)), sums);
  }
  const bundles = await size_of(join(data, 'ledger', 'tile', 'entries'));
  const tiles = await size_of(join(data, 'ledger', 'tile')) - bundles;
  return { ...sums, bundles, tiles };
}

async function run_calls(pawl, { calls, clients, tool }) {
  let left = calls;
  await Promise.all(Array.from({ length: clients }, async () => {
    const agent = new RawAgent({ url: pawl.mcp_url('w'), key: pawl.keys.triage });
    while (left-- > 0) {
      const { body } = await agent.call(tool, { agent: 'triage' });
      if (body.result === undefined || body.result.isError === true) {
        throw new Error(`a call was refused: ${JSON.stringify(body)}`);
      }
    }
    agent.close();
  }));
}

const { values } = parseArgs({ options: { calls: { type: 'string', default: '10000' },
  clients: { type: 'string', default: '16' }, tool: { type: 'string', default: 'change' } } });
const wanted = { calls: Number(values.calls), clients: Number(values.clients), tool: values.tool };
const folder = await mkdtemp(join(tmpdir(), 'pawl-log-size-'));
const witness = await start_until_json(NODE, [WITNESS, '--journal', join(folder, 'journal')]);
const pawl = await Pawl.start({ agents: { triage: { groups: ['vendor-a'] } }, rules: [ALLOW_ALL],
  servers: { w: { url: witness.ready.url, tools: { look: { effects: 'read_only' } } } } });
try {
  const before = await measure(pawl.data);
  await run_calls(pawl, wanted);
  await pawl.stop();
  const after = await measure(pawl.data);
  const per_call = {};
  for (const kind of Object.values(KINDS)) {
    const bytes = after[kind].bytes - before[kind].bytes;
    const count = after[kind].count - before[kind].count;
    per_call[kind] = { bytes: Math.round(bytes / wanted.calls),
      each: Math.round(bytes / Math.max(1, count)), count: +(count / wanted.calls).toFixed(2) };
  }
  const derived = (after.bundles + after.tiles - before.bundles - before.tiles) / wanted.calls;
  const segments = Object.values(per_call).reduce((sum, { bytes }) => sum + bytes, 0);
  console.log(JSON.stringify({ ...wanted, per_call: { ...per_call, segments,
    derived: Math.round(derived) },
    gib_per_million_calls: +((segments + derived) * 1e6 / 2 ** 30).toFixed(2) }, undefined, 2));
} finally {
  await pawl.close();
  await witness.stop();
  await rm(folder, { recursive: true, force: true });
}
