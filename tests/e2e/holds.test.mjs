// Calls that a rule holds and that nobody decides, by the official clients of both eras: they reach no
// server, and their record says that a person has to decide. Decisions: approval.test.mjs.

import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { legacy_client, modern_client } from './support/clients.mjs';
import { Pawl, no_pawl } from './support/pawl.mjs';
import { enroll } from './support/people.mjs';
import { read_journal, start_reference } from './support/reference.mjs';

const CLIENTS = { legacy: legacy_client, modern: modern_client };
const HELD = 'approval_required';
const WHY = 'echoes of people are asked first';
const RULES = [
  { id: 'no-echo-of-1', when: { tool: 'probe_echo', arguments: { x: { equals: 1 } } },
    then: 'deny', reason: 'one is not echoed' },
  { id: 'ask', when: { tool: ['probe_echo', 'test_simple_prompt'] },
    then: { hold: { roles: ['approver'] } }, reason: WHY },
  { id: 'nobody', when: { tool: 'probe_sleep' }, then: { hold: { roles: [] } } },
  { id: 'all', when: { agent: '**' }, then: 'allow', reason: 'test' },
];

const options = { skip: no_pawl(), timeout: 60_000 };
const references = {};
let folder;
let pawl;
const journal = (era) => join(folder, era);

before(async () => {
  if (no_pawl()) {
    return;
  }
  folder = await mkdtemp(join(tmpdir(), 'pawl-holds-'));
  for (const era of Object.keys(CLIENTS)) {
    references[era] = await start_reference(era, { journal: journal(era) });
  }
  pawl = await Pawl.start({ init: true, agents: { a: {} }, rules: RULES, servers: {
    legacy: { url: references.legacy.url }, modern: { url: references.modern.url } },
    config: { approval: { patience_s: 0 } } });
  await enroll(pawl, 'ann');
});
after(async () => {
  await pawl?.close();
  await Promise.all(Object.values(references).map((reference) => reference.stop('SIGKILL')));
  if (folder !== undefined) {
    await rm(folder, { recursive: true });
  }
});

/** Runs the body with a client of this era, and says what the server was asked meanwhile. */
async function with_client(era, body) {
  const asked_before = (await read_journal(journal(era))).length;
  const client = await CLIENTS[era]({ url: pawl.mcp_url(era), key: pawl.keys.a });
  try {
    return { answer: await body(client),
             asked: (await read_journal(journal(era))).slice(asked_before) };
  } finally {
    await client.close();
  }
}

const refusal_of = (answer) => answer._meta?.['pawl.record/refusal'];
const record_of = async (refusal) => (await pawl.json('ledger', 'show', refusal.record)).claims;

async function check_held(era) {
  const { answer, asked } = await with_client(era, (client) =>
    client.callTool({ name: 'probe_echo', arguments: { x: 2 } }));
  assert.ok(answer._meta['pawl.record/approval']?.id, JSON.stringify(answer));
  assert.equal(answer.isError, false);
  assert.ok(answer.content[0].text.includes(`held for approval by rule "ask" (${WHY})`),
    answer.content[0].text);
  assert.deepEqual(asked, [], 'nothing reached the server');
  const { exec_act, ect_ext } = await record_of({ record: answer._meta['pawl.record/id'] });
  assert.equal(exec_act, 'task.denied');
  assert.equal(ect_ext.pol, 'ask');
  assert.equal(ect_ext.pol_decision, 'pending_human_review');
  assert.equal(ect_ext['pawl.task'].code, HELD);
}

test('control: hold', options, async () => {
  for (const era of Object.keys(CLIENTS)) {
    await check_held(era);
  }
});

for (const era of Object.keys(CLIENTS)) {
  test(`${era}: what no rule holds goes through`, options, async () => {
    const { answer, asked } = await with_client(era, (client) =>
      client.callTool({ name: 'test_simple_text', arguments: {} }));
    assert.notEqual(answer.isError, true);
    assert.ok(asked.length > 0, 'the journal sees what reaches the server');
  });

  test(`${era}: a denial beats a hold`, options, async () => {
    const { answer, asked } = await with_client(era, (client) =>
      client.callTool({ name: 'probe_echo', arguments: { x: 1 } }));
    assert.equal(refusal_of(answer).code, 'denied');
    assert.equal(refusal_of(answer).rule, 'no-echo-of-1');
    assert.deepEqual(asked, []);
  });

  test(`${era}: a hold that names no role is a denial`, options, async () => {
    const { answer, asked } = await with_client(era, (client) =>
      client.callTool({ name: 'probe_sleep', arguments: { ms: 1 } }));
    assert.equal(refusal_of(answer).code, 'denied');
    assert.equal(refusal_of(answer).rule, 'nobody');
    assert.ok(refusal_of(answer).reason.includes('names no role'), refusal_of(answer).reason);
    assert.deepEqual(asked, []);
    assert.equal((await record_of(refusal_of(answer))).ect_ext.pol_decision, 'rejected');
  });

  test(`${era}: a held prompt is an error with the number of a denial`, options, async () => {
    const { answer: error } = await with_client(era, (client) =>
      client.getPrompt({ name: 'test_simple_prompt' }).catch((failure) => failure));
    assert.equal(error.code, -32013);
    assert.equal(error.data.code, HELD);
    assert.equal(error.data.rule, 'ask');
    assert.ok(error.data.approval.id);
  });
}
