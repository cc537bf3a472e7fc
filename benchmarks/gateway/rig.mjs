// Everything that a gateway measurement starts: the server behind, nginx as proxy, pawl (one daemon
// for each program that is compared), all on the gateway's core.

import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Pawl } from '../../tests/e2e/support/pawl.mjs';
import { GATEWAY_CORE } from '../support/machine.mjs';
import { free_port, proxy_config, start_nginx, upstream_config } from '../support/nginx.mjs';
import { CHANGE_TOOL, DISCOVER_RESULT, READ_TOOL, call_request, call_result, request_file, sample }
  from './call.mjs';
import { hundred_rules } from './rules.mjs';

const AGENTS = ['bench-a', 'bench-b', 'bench-c', 'bench-d'];

/**
 * @typedef {{name: string, url: string, tool: string, key: string, pid?: number,
 *            request_file: string, spread_file: string, pawl?: Pawl, bytes: number}} Target
 *   pid: of the gateway, missing for the direct baseline; spread_file: the same calls by four
 *   agents in turn, for more connections than one agent may have open; bytes: of one answer
 */

export class Rig {
  #stops = [];
  /** @type {Target[]} */
  targets = [];

  /**
   * @param {string} folder for configurations and data: on the disk that is measured
   * @param {{name: string, bin: string}[]} programs pawl, once or in several revisions
   */
  static async start(folder, programs) {
    const rig = new Rig();
    try {
      await rig.#start(folder, programs);
    } catch (error) {
      await rig.stop();
      throw error;
    }
    return rig;
  }

  async #start(folder, programs) {
    const port = await free_port();
    const proxy_port = await free_port();
    const direct = `http://127.0.0.1:${port}/mcp`;
    const proxy = `http://127.0.0.1:${proxy_port}/mcp`;
    this.upstream = await this.#keep(start_nginx({ folder: join(folder, 'upstream'), url: direct,
      core: GATEWAY_CORE,
      config: upstream_config(port, { discover: DISCOVER_RESULT, call: call_result() }) }));
    const { pid } = await this.#keep(start_nginx({ folder: join(folder, 'proxy'), url: proxy,
      core: GATEWAY_CORE, config: proxy_config(proxy_port, port) }));
    await this.#add(folder, { name: 'direct', url: direct, tool: READ_TOOL, keys: ['none'] });
    await this.#add(folder, { name: 'nginx', url: proxy, tool: READ_TOOL, keys: ['none'], pid });
    for (const { name, bin } of programs) {
      const pawl = await Pawl.start({ servers: { up: { url: direct,
        tools: { [READ_TOOL]: { effects: 'read_only' } } } },
        agents: Object.fromEntries(AGENTS.map((id) => [id, { groups: ['bench'] }])),
        rules: hundred_rules(), program: ['taskset', '-c', String(GATEWAY_CORE), bin] });
      this.#stops.push(() => pawl.close());
      const of_pawl = { url: pawl.mcp_url('up'), keys: Object.values(pawl.keys), pid: pawl.pid,
        pawl };
      await this.#add(folder, { ...of_pawl, name, tool: READ_TOOL });
      await this.#add(folder, { ...of_pawl, name: `${name} changing`, tool: CHANGE_TOOL });
    }
  }

  async #keep(starting) {
    const started = await starting;
    this.#stops.push(started.stop);
    return started;
  }

  async #add(folder, { keys, ...target }) {
    const stem = join(folder, 'requests', target.name.replaceAll(' ', '-'));
    await mkdir(join(folder, 'requests'), { recursive: true });
    await writeFile(`${stem}.txt`, request_file(target.tool, keys.slice(0, 1)));
    await writeFile(`${stem}-spread.txt`, request_file(target.tool, keys));
    const added = { ...target, key: keys[0], request_file: `${stem}.txt`,
      spread_file: `${stem}-spread.txt` };
    const { wrong, bytes } = await sample({ ...added, governed: target.pawl !== undefined });
    if (wrong !== undefined) {
      throw new Error(`${target.name}: ${wrong}`);
    }
    this.targets.push({ ...added, bytes });
  }

  async stop() {
    for (const stop of this.#stops.splice(0).reverse()) {
      await stop();
    }
  }
}

/** Size of what the client sends. */
export function request_bytes() {
  return Buffer.byteLength(call_request(READ_TOOL, '').body);
}
