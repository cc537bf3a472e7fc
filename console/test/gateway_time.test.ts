// The gateway's clock by the Date of its answers, whatever this device says.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { gatewayTime, hearTime } from '../src/api/gateway_time.ts';

const date = (ms: number): string => new Date(ms).toUTCString();
const HERE = Date.UTC(2026, 10, 27, 12, 0, 0);

test('a device that is late, one that is early, and one that is right', () => {
  for (const ahead of [600_000, -90_000, 0]) {
    const there = HERE + ahead;
    hearTime(date(there), HERE, HERE + 40);
    const off = gatewayTime(HERE) - there;
    assert.ok(off >= -40 && off <= 1000, `${ahead}: ${off} ms off`);
  }
});

test('answers that fit change nothing, so that no countdown jitters; what says nothing, neither', () => {
  const look = (): void => { for (let ms = 0; ms < 10_000; ms += 170) hearTime(date(HERE + ms), HERE + ms, HERE + ms + 20); };
  look();
  const before = gatewayTime(HERE);
  look();
  hearTime(null, HERE, HERE);
  hearTime('yesterday', HERE, HERE);
  assert.equal(gatewayTime(HERE), before);
});
