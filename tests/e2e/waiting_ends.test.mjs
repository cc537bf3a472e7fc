// A call that waits for people when its gateway is ended in order, and when its client hung up and calls again:
// who still waits is told what is true, and gets the answer.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { legacy_client } from './support/clients.mjs';
import { held_now } from './support/held_calls.mjs';
import { Pawl, no_pawl } from './support/pawl.mjs';
import { control, decide, enroll, pending } from './support/people.mjs';
import { start_both_references } from './support/reference.mjs';
import { wait_for } from './support/wait.mjs';
import { waiting_client } from './support/waiting.mjs';

const options = { skip: no_pawl(), timeout: 90_000 };
const RULES = [{ id: 'ask', when: { tool: 'probe_echo' }, then: { hold: { roles: ['approver'] } }, reason: 'people look' },
               { id: 'all', when: { agent: '**' }, then: 'allow', reason: 'test' }];
let references;

before(async () => {
  references = no_pawl() ? undefined : await start_both_references('pawl-waiting-ends-');
});
after(() => references?.stop());

async function start(context) {
  const pawl = await Pawl.start({ init: true, agents: { a: {} }, rules: RULES,
    servers: { legacy: { url: references.legacy.url }, modern: { url: references.modern.url } } });
  context.after(() => pawl.close());
  return { pawl, people: await enroll(pawl, 'ann') };
}
const executed = async (era) => (await references.calls(era)).filter((one) => JSON.stringify(one).includes('probe_echo')).length;

for (const era of ['legacy', 'modern']) {
  test(`${era}: the gateway ends: who waits is told to come again, and its approval stays`, options, async (context) => {
    const { pawl, people: [ann] } = await start(context);
    const sent = await executed(era);
    const target = () => ({ url: pawl.mcp_url(era), key: pawl.keys.a });
    const client = await waiting_client({ era, way: 'plain' }, target());
    const { end } = await client.begin({ x: 1 });
    const [one] = await pending(pawl);
    const [told] = await Promise.all([end(), pawl.stop()]);
    assert.match(told.text, new RegExp(`holds this call, it did not happen yet: .*waiting for approval ${one.id}.*call again`), told.text);
    assert.equal(await executed(era), sent);

    await pawl.serve();
    const again = await waiting_client({ era, way: 'plain' }, target());
    context.after(() => again.close());
    const repeat = await again.begin({ x: 1 });
    const decided = await decide(pawl, ann, one);
    assert.equal(decided.status, 200, 'it is the one that people were asked about');
    const { failed, text } = await repeat.end();
    assert.equal(failed, false, text);
    assert.equal(await executed(era), sent + 1);
  });
}

test('legacy: a client that hung up and calls again has the answer', options, async (context) => {
  const { pawl, people: [ann] } = await start(context);
  const sent = await executed('legacy');
  const hang_up = new AbortController();
  const hung = (url, init) => fetch(url, { ...init, signal: String(init?.body).includes('tools/call') ? hang_up.signal : init?.signal });
  const client = await legacy_client({ url: pawl.mcp_url('legacy'), key: pawl.keys.a, fetch: hung });
  const first = client.callTool({ name: 'probe_echo', arguments: { x: 1 } }).catch(() => undefined);
  const [one] = await pending(pawl);
  hang_up.abort();
  const live = await legacy_client({ url: pawl.mcp_url('legacy'), key: pawl.keys.a });
  const second = live.callTool({ name: 'probe_echo', arguments: { x: 1 } });
  await wait_for('both to wait', async () => (await held_now(pawl)) === 2 || undefined);
  const { body: { callers } } = await control(pawl, `approvals/${one.id}`);
  assert.equal(callers, 2, 'and who decides is told so');
  assert.equal((await decide(pawl, ann, one)).body.callers, 2);
  const { isError, content } = await second;
  assert.equal(isError ?? false, false, content[0].text);
  assert.equal(await executed('legacy'), sent + 1);
  await Promise.all([client.close(), live.close()]);
  await first;
});
