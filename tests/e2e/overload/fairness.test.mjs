// One agent with far more calls than its share: what is over the share is refused, what waits takes
// turns with other agents. Shown by the order in which calls reach the server, not by time.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ALLOW_ALL, Pawl, no_pawl } from '../support/pawl.mjs';
import { FaultyServer, good_result, http_answer, json_answer } from './faulty_server.mjs';
import { call, is_confirmed, stat } from './support.mjs';

const CALLS = 1000;
const SHARE = 100;
const OPEN = 8;
const TURNS = 3;  // of the loop, until bytes that were sent before have been read

test(`${CALLS} parallel calls of one agent: another one's take turns`, { skip: no_pawl() },
  async () => {
    const server = await FaultyServer.listen();
    const pawl = await Pawl.start({ agents: { a: {}, greedy: {} }, rules: [ALLOW_ALL],
      servers: { w: { url: server.url } },
      config: { limits: { open_calls: OPEN, open_calls_per_agent: SHARE, max_connections: 4096 } } });
    const arrived = [];  // calls at the server, each with its way to answer
    let tell = () => {};
    server.on_call = (socket, { id, params }) => {
      arrived.push({ who: params.arguments.who,
        answer: () => socket.write(http_answer(json_answer(id, good_result('x')))) });
      tell();
    };
    const arrivals = (count) => new Promise((resolve) => {
      tell = () => arrived.length >= count && resolve();
      tell();
    });
    try {
      let refused = 0;
      let tell_refused;
      const over_share = new Promise((resolve) => {
        tell_refused = () => (refused += 1) === CALLS - SHARE && resolve();
      });
      const greedy = Array.from({ length: CALLS }, async () => {
        const answer = await call(pawl, { who: 'greedy', server: 'w', args: { who: 'greedy' } });
        if (!is_confirmed(answer)) {
          assert.match(JSON.stringify(answer.body), /overloaded/);
          tell_refused();
        }
        return answer;
      });
      await over_share;
      await arrivals(OPEN);
      const others = [1, 2, 3].map(() => call(pawl, { server: 'w', args: { who: 'a' } }));
      for (let n = 0; n < TURNS; ++n) {
        assert.equal((await fetch(`${pawl.addresses.control}/healthz`)).status, 200);
      }
      for (let n = 0; n < SHARE + others.length; ++n) {
        await arrivals(Math.min(OPEN + n, SHARE + others.length));
        arrived[n].answer();
      }
      assert.ok((await Promise.all(others)).every(is_confirmed));
      const answers = await Promise.all(greedy);
      assert.equal(answers.filter(is_confirmed).length, SHARE);
      const order = arrived.map(({ who }) => who);
      const last = order.lastIndexOf('a');
      assert.ok(last < OPEN + 2 * others.length, `waited behind the others: ${last}`);
      assert.equal(await stat(pawl, 'pawl_refusals_total', 'control="limits"'), CALLS - SHARE);
      assert.equal(await stat(pawl, 'pawl_bugs_total '), 0);
    } finally {
      server.close();
      await pawl.close();
    }
  });

