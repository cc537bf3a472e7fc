// The people's listeners: no web page, no agent's key, no missing token gets through.

import assert from 'node:assert/strict';
import { request } from 'node:http';
import { test } from 'node:test';
import { ALLOW_ALL, Pawl, no_pawl } from './support/pawl.mjs';

/** Status of a GET. @param {string} url @param {Record<string, string>} headers */
function status_of(url, headers) {
  return new Promise((resolve, reject) => {
    const sent = request(url, { headers }, (answer) => {
      answer.resume();
      answer.on('end', () => resolve(answer.statusCode));
    });
    sent.on('error', reject);
    sent.end();
  });
}

test('control and override refuse pages, agents and strangers', { skip: no_pawl() }, async () => {
  const pawl = await Pawl.start({ agents: { triage: {} }, rules: [ALLOW_ALL] });
  try {
    const page = { Origin: 'http://localhost:3000' };
    const agent = { Authorization: `Bearer ${pawl.keys.triage}` };
    const cases = [
      ['control', '/healthz', {}, 200],
      ['control', '/healthz', page, 403],
      ['control', '/api/v1/status', {}, 401],
      ['control', '/api/v1/status', agent, 401],
      ['override', '/override/v1/stops', {}, 401],
      ['override', '/override/v1/stops', agent, 401],
      ['override', '/override/v1/stops', page, 403],
    ];
    for (const [listener, path, headers, expected] of cases) {
      assert.equal(await status_of(pawl.addresses[listener] + path, headers), expected,
        `${listener} ${path} ${Object.keys(headers)}`);
    }
  } finally {
    await pawl.close();
  }
});
