// Stands in for the pawl program in the tests of the harness: `serve` (not ready at first, and
// `--fail`), `config show --json`, anything else is an unknown command.

import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { join } from 'node:path';

const [command, ...args] = process.argv.slice(2);
const config = async () => JSON.parse(await readFile(args[args.indexOf('--config') + 1], 'utf8'));

if (command === 'serve' && args.includes('--fail')) {
  process.stderr.write('no such option\n');
  process.exit(3);
} else if (command === 'serve') {
  let asked = 0;
  const server = createServer((req, res) => {
    asked += 1;
    res.writeHead(req.url === '/readyz' && asked > 2 ? 200 : 503).end();
  }).listen(0, '127.0.0.1', async () => {
    const url = `http://127.0.0.1:${server.address().port}`;
    const run = join((await config()).data, 'run');
    await mkdir(run, { recursive: true });
    await writeFile(join(run, 'addresses.json'),
      JSON.stringify({ data: url, control: url, override: url }));
  });
  process.on('SIGTERM', () => process.exit(0));
} else if (command === 'config') {
  process.stdout.write(JSON.stringify({ config: await config(), environment: process.env }));
} else {
  process.stderr.write('unknown command\n');
  process.exit(2);
}
