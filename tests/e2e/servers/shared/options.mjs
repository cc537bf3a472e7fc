// Command line of the reference servers: --port N (default 0), --host H, --stdio, --journal FILE.

import { parseArgs } from 'node:util';

/**
 * @returns {{port: number, host: string, stdio: boolean, journal: string | undefined}}
 */
export function read_options(argv = process.argv.slice(2)) {
  const { values } = parseArgs({
    args: argv,
    options: {
      port: { type: 'string', default: '0' },
      host: { type: 'string', default: '127.0.0.1' },
      stdio: { type: 'boolean', default: false },
      journal: { type: 'string' },
    },
  });
  return { port: Number(values.port), host: values.host, stdio: values.stdio,
           journal: values.journal };
}
