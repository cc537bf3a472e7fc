// nginx as the server behind (answers with a fixed body) and as a plain proxy in front of it: the
// floor for every proxy. One process each, pinned to one core, no access log.

import { spawn } from 'node:child_process';
import { mkdir, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { wait_for } from '../../tests/e2e/support/wait.mjs';

const COMMON = `daemon off;
master_process off;
worker_processes 1;
error_log error.log warn;
events { worker_connections 8192; }
`;

const HTTP = `  access_log off;
  server_tokens off;
  default_type application/json;
  keepalive_timeout 600s;
  keepalive_requests 1000000000;
  client_body_buffer_size 64k;
  client_body_temp_path body;
  proxy_temp_path proxy;
  fastcgi_temp_path fastcgi;
  uwsgi_temp_path uwsgi;
  scgi_temp_path scgi;
`;

/**
 * The server: \`return 200\` with the result. A gateway numbers its requests itself, so the id is
 * taken from the body; nginx reads a body only for somebody, here for a mirror that drops it.
 * @param {number} port @param {{discover: string, call: string}} results JSON texts
 */
export function upstream_config(port, { discover, call }) {
  return `${COMMON}pid nginx.pid;
http {
${HTTP}  map $request_body $rpc_id { default null; "~\\"id\\":(?<n>[0-9]+)" $n; }
  map $http_mcp_method $rpc_result {
    default '${call}';
    server/discover '${discover}';
  }
  server {
    listen 127.0.0.1:${port} backlog=4096;
    location = /mcp { mirror /read; empty_gif; error_page 405 =200 @answer; }
    location = /read { internal; return 204; }
    location @answer { return 200 '{"jsonrpc":"2.0","id":$rpc_id,"result":$rpc_result}'; }
  }
}
`;
}

/** A plain proxy with kept connections. @param {number} port @param {number} upstream port */
export function proxy_config(port, upstream) {
  return `${COMMON}pid nginx.pid;
http {
${HTTP}  upstream behind { server 127.0.0.1:${upstream}; keepalive 1024;
    keepalive_requests 1000000000; keepalive_timeout 600s; }
  server {
    listen 127.0.0.1:${port} backlog=4096;
    location / {
      proxy_pass http://behind;
      proxy_http_version 1.1;
      proxy_set_header Connection "";
    }
  }
}
`;
}

/** A port that was free a moment ago. */
export async function free_port() {
  const server = createServer().listen(0, '127.0.0.1');
  await new Promise((resolve) => { server.on('listening', resolve); });
  const { port } = server.address();
  await new Promise((resolve) => { server.close(resolve); });
  return port;
}

/**
 * @param {{folder: string, config: string, core: number, url: string}} options url: answers when up
 * @returns {Promise<{pid: number, stop: () => Promise<void>}>}
 */
export async function start_nginx({ folder, config, core, url }) {
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, 'nginx.conf'), config);
  const child = spawn('taskset', ['-c', String(core), 'nginx', '-p', folder, '-c', 'nginx.conf',
                                  '-e', 'error.log'],
    { stdio: 'ignore', env: { ...process.env, PATH: `${process.env.PATH}:/usr/sbin` } });
  let ended;
  const exited = new Promise((resolve) => {
    child.on('error', (error) => { ended = error.message; resolve(); });
    child.on('close', (code) => { ended ??= `nginx ended with ${code}`; resolve(); });
  });
  await wait_for('nginx', async () => (await fetch(url, { method: 'POST', body: '{"id":1}' }))
    .ok || undefined, { give_up: () => ended && `${ended}, see ${folder}/error.log` });
  return { pid: child.pid, stop: async () => { child.kill('SIGTERM'); await exited; } };
}
