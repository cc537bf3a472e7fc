// Stands in for the pawl program in the tests of the harness: `serve` (not ready at first; passes
// /mcp/NAME on to the server's URL, ungoverned; `--fail` ends at once, `--deaf` answers 403),
// `config show --json`, anything else is an unknown command.

import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { createServer, request } from 'node:http';
import { join } from 'node:path';

const [command, ...args] = process.argv.slice(2);
const config = async () => JSON.parse(await readFile(args[args.indexOf('--config') + 1], 'utf8'));

if (command === 'serve' && args.includes('--fail')) {
  process.stderr.write('no such option\n');
  process.exit(3);
} else if (command === 'serve') {
  let asked = 0;
  const { servers } = await config();
  const pass = (req, res, upstream) => {
    const forward = request(upstream, { method: req.method, agent: false,
      headers: req.headers.host.startsWith('127.0.0.1:')
        ? { ...req.headers, host: new URL(upstream).host } : req.headers }, (answer) => {
      res.writeHead(answer.statusCode, answer.headers);
      res.flushHeaders();
      answer.pipe(res);
    });
    forward.on('error', () => res.destroy());
    res.on('close', () => forward.destroy());
    req.pipe(forward);
  };
  const server = createServer((req, res) => {
    const name = /^\/mcp\/(.+)$/.exec(req.url)?.[1];
    if (name !== undefined && !args.includes('--deaf')) {
      pass(req, res, servers[name].url);
      return;
    }
    asked += 1;
    const ready = req.url === '/readyz' && asked > 2;
    res.writeHead(ready ? 200 : name === undefined ? 503 : 403).end();
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
