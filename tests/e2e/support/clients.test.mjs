import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { legacy_client, modern_client } from './clients.mjs';
import { read_journal, start_reference } from './reference.mjs';

for (const [era, connect, other] of [['legacy', legacy_client, modern_client],
                                     ['modern', modern_client, legacy_client]]) {
  test(`${era}: the client talks to the reference server, whose journal has every call`,
    async () => {
      const folder = await mkdtemp(join(tmpdir(), 'pawl-e2e-'));
      const journal = join(folder, 'journal');
      const server = await start_reference(era, { journal });
      try {
        const client = await connect({ url: server.url, key: 'K' });
        const echo = await client.callTool({ name: 'probe_echo', arguments: { n: 1 } });
        const { arguments: args, headers } = JSON.parse(echo.content[0].text);
        assert.deepEqual(args, { n: 1 });
        assert.equal(headers.authorization, 'Bearer K');
        const calls = await read_journal(journal);
        assert.deepEqual(calls.map(({ tool, arguments: a }) => [tool, a]),
          [['probe_echo', { n: 1 }]]);
        await client.close();
        await assert.rejects(other({ url: server.url }), 'a client of the other era is refused');
      } finally {
        assert.equal(await server.stop(), 0, 'SIGTERM ends it cleanly');
        await rm(folder, { recursive: true });
      }
    });
}
