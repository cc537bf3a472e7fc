// A gateway at which agents ask for what nobody should see badly: each text of the corpus as the value and
// the name of an argument, as the name of a tool, as the address of a resource, and as what a server says of
// its tools and answers. All of it waits for people, is refused, or went through: `records` says which.
//
//   const story = await HostileStory.start({ sign_in: {} });
//   for (const { one, way, id } of story.asked) ...

import { request } from 'node:http';
import { Pawl } from './pawl.mjs';
import { MODERN_REVISION } from './clients.mjs';
import { PlayedServer } from './played_server.mjs';
import { approvals, enroll } from './people.mjs';
import { HOSTILE_TEXTS, is_text } from './hostile_text.mjs';

const COMPLETE = { resultType: 'complete' };
const LISTED = { ...COMPLETE, ttlMs: 0, cacheScope: 'private' };
const LONGEST_NAME = 2000;                   // of what travels as a header, too
const META = { 'io.modelcontextprotocol/protocolVersion': MODERN_REVISION,
  'io.modelcontextprotocol/clientInfo': { name: 'hostile-agent', version: '1' },
  'io.modelcontextprotocol/clientCapabilities': {} };

const RULES = [
  { id: 'no-b', when: { agent: 'b' }, then: 'deny', reason: 'not b' },
  { id: 'c-may', when: { agent: 'c' }, then: 'allow', reason: 'c may' },
  { id: 'lists', when: { agent: '**', verb: 'tool.list' }, then: 'allow', reason: 'a list' },
  { id: 'ask', when: { agent: 'a' }, then: { hold: { roles: ['approver'], within: '24h' } },
    reason: 'a person decides' },
];

const in_header = (text) => `=?base64?${Buffer.from(text).toString('base64')}?=`;
const texts = HOSTILE_TEXTS.filter(is_text);
const names = texts.filter(({ text }) => text.length <= LONGEST_NAME);

/** A server whose every word is hostile. */
export function hostile_server() {
  return PlayedServer.start({
    'tools/list': () => ({ ...LISTED, tools: [
      { name: 'probe', description: 'A probe.', inputSchema: { type: 'object' } },
      ...names.map(({ text }) => ({ name: text, title: text, description: text,
        annotations: { title: text }, inputSchema: { type: 'object', description: text } })),
      ...texts.filter((one) => !names.includes(one)).map(({ text }, at) => (
        { name: `long-${at}`, description: text, inputSchema: { type: 'object' } }))] }),
    'tools/call': ({ arguments: { fail, value } }) => {
      if (fail === 'rpc') throw { code: -32000, message: value, data: { value } };
      return { ...COMPLETE, isError: fail === 'tool', content: [{ type: 'text', text: value ?? '' }] };
    },
    'resources/read': ({ uri }) => ({ ...COMPLETE, contents: [{ uri, text: uri }] }),
  });
}

export class HostileStory {
  /** @type {{one: object, way: string, id?: string, status: number, text: string}[]} what was asked */
  asked = [];
  #next = 1;

  /** @param {object} [config] members of pawl.yaml */
  static async start(config = {}, { env = {}, only = () => true } = {}) {
    const story = new HostileStory();
    story.server = await hostile_server();
    story.pawl = await Pawl.start({ init: true, agents: { a: {}, b: {}, c: {} }, rules: RULES, env,
      config: { ...config, approval: { patience_s: 0, pending_per_agent: 1000, ...config.approval } },
      servers: { s: { url: story.server.url } } });
    [story.ann] = await enroll(story.pawl, 'ann');
    await story.#ask_all(texts.filter(only));
    return story;
  }

  /** One request. @returns {Promise<{status: number, text: string, json: any}>} */
  send(agent, method, params, { name, raw } = {}) {
    const body = raw ?? JSON.stringify({ jsonrpc: '2.0', id: this.#next++, method,
      params: { ...params, _meta: META } });
    return new Promise((resolve, reject) => {
      const out = request(this.pawl.mcp_url('s'), { method: 'POST', headers: {
        authorization: `Bearer ${this.pawl.keys[agent]}`, 'content-type': 'application/json',
        accept: 'application/json, text/event-stream', 'mcp-protocol-version': MODERN_REVISION,
        'mcp-method': method, ...name === undefined ? {} : { 'mcp-name': in_header(name) },
        'content-length': Buffer.byteLength(body) } }, (response) => {
        let text = '';
        response.setEncoding('utf8').on('data', (chunk) => { text += chunk; }).on('error', reject)
          .on('end', () => resolve({ status: response.statusCode, text,
            json: text.startsWith('{') ? JSON.parse(text) : undefined }));
      });
      out.on('error', reject);
      out.end(body);
    });
  }

  call(agent, name, args) {
    return this.send(agent, 'tools/call', { name, arguments: args }, { name });
  }

  read(agent, uri) {
    return this.send(agent, 'resources/read', { uri }, { name: uri });
  }

  async #ask(one, way, sent) {
    const { status, text, json } = await sent;
    const record = /"pawl\.record\/id":"([^"]+)"/.exec(text)?.[1];
    this.asked.push({ one, way, status, text, json, record });
  }

  /** All ways of one text at once: each record waits for the disk. */
  async #ask_all(corpus) {
    for (const one of corpus) {
      const { text } = one;
      const all = [
        ['value', this.call('a', 'probe', { value: text, list: [text] })],
        ['argument', this.call('a', 'probe', { [text]: 'harmless', z: 1 })],
        ['answer', this.call('c', 'probe', { value: text })],
        ['error', this.call('c', 'probe', { value: text, fail: 'rpc' })],
      ];
      if (text.length <= LONGEST_NAME) {
        all.push(['tool', this.call('a', text, { x: 1 })], ['refused tool', this.call('b', text, { x: 1 })],
          ['passed tool', this.call('c', text, { x: 1 })], ['resource', this.read('a', `file:///${text}`)]);
      }
      await Promise.all(all.map(([way, sent]) => this.#ask(one, way, sent)));
    }
    await this.send('c', 'tools/list', {});
    this.held = await approvals(this.pawl);
  }

  /** What waits because of this way of asking, with its text. @returns {{one: object, id: string}[]} */
  held_by(...ways) {
    return this.asked.filter(({ way }) => ways.includes(way))
      .map(({ one, way, text }) => ({ one, way, id: /show ([0-9a-f-]{36})/.exec(text)?.[1] }));
  }

  async close() {
    await this.pawl?.close();
    await this.server?.close();
  }
}
