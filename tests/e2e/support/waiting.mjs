// Clients that wait for people in each way that a client can declare, behind one face: `begin(args)`
// makes the call, `end()` of what it gives waits for how it ended. Official clients but for tasks of the modern
// era, which no official client takes yet.

import { ElicitRequestSchema } from '@modelcontextprotocol/sdk/types.js';
import { MODERN_REVISION, legacy_client, modern_client } from './clients.mjs';
import { wait_for } from './wait.mjs';

/** @typedef {{text: string, failed: boolean, meta: object}} Ended
 *  text: what a model reads; failed: refused, or an error */

const told = (result) => ({ text: (result.content ?? []).map((one) => one.text ?? '').join('\n'),
  failed: result.isError === true, meta: result._meta ?? {} });
const failed = (error) => ({ text: error.message, failed: true, meta: error.data?._meta ?? {} });

/** A client of the extension io.modelcontextprotocol/tasks, of its own page alone. */
export class TaskAgent {
  #next = 1;

  constructor({ url, key, capabilities = { extensions: { 'io.modelcontextprotocol/tasks': {} } } }) {
    Object.assign(this, { url, key, capabilities });
  }

  /** @returns {Promise<{result?: object, error?: object}>} */
  async ask(method, params, name = params.name ?? params.taskId) {
    const meta = { 'io.modelcontextprotocol/protocolVersion': MODERN_REVISION,
      'io.modelcontextprotocol/clientInfo': { name: 'task-agent', version: '1' },
      'io.modelcontextprotocol/clientCapabilities': this.capabilities };
    const answer = await fetch(this.url, { method: 'POST',
      headers: { authorization: `Bearer ${this.key}`, 'content-type': 'application/json',
        accept: 'application/json, text/event-stream', 'mcp-protocol-version': MODERN_REVISION,
        'mcp-method': method, 'mcp-name': name },
      body: JSON.stringify({ jsonrpc: '2.0', id: this.#next++, method,
                             params: { ...params, _meta: meta } }) });
    return answer.json();
  }

  /** A task, or the result itself. */
  async call(tool, args) {
    const answer = await this.ask('tools/call', { name: tool, arguments: args });
    if (answer.result === undefined) {
      throw new Error(JSON.stringify(answer));
    }
    return answer;
  }

  async start(tool, args) {
    const { result, error } = await this.call(tool, args);
    if (result?.resultType !== 'task') {
      throw new Error(`no task: ${JSON.stringify(result ?? error)}`);
    }
    return result;
  }

  /** Polls until it has ended. */
  end(task) {
    return wait_for('the end of a task', async () => {
      const { result, error } = await this.ask('tasks/get', { taskId: task.taskId });
      if (error !== undefined) {
        return { status: 'gone', error };
      }
      return result.status === 'working' ? undefined : result;
    });
  }

  async end_of(task) {
    const { status, result, error, statusMessage } = await this.end(task);
    return status === 'completed' ? told(result)
      : { text: error?.message ?? statusMessage, failed: true, meta: error?.data?._meta ?? {} };
  }

  close() {}
}

/** @typedef {{era: string, way: string}} Cell */
export const CELLS = ['legacy', 'modern'].flatMap((era) =>
  ['task', 'page', 'plain'].map((way) => ({ era, way })));

/**
 * @param {Cell} cell
 * @param {{url: string, key: string}} target
 * @returns {Promise<{begin: (args: object) => Promise<{end: () => Promise<Ended>}>, pages: string[],
 *                     close: () => any}>} pages: where the client was sent; close: leaves for good;
 *  moved: modern tasks alone: the gateway has another address now
 */
export async function waiting_client({ era, way }, target) {
  const pages = [];
  if (way === 'task') {
    return era === 'modern' ? modern_tasks(target) : legacy_tasks(target);
  }
  const capabilities = way === 'page' ? { elicitation: { url: {} } } : {};
  const opened = (request) => {
    pages.push(request.params.url);
    return { action: 'accept' };
  };
  const client = await (era === 'legacy' ? legacy_client : modern_client)(
    { ...target, options: { capabilities } });
  if (way === 'page') {
    client.setRequestHandler(era === 'legacy' ? ElicitRequestSchema : 'elicitation/create', opened);
  }
  return { pages, close: () => leave(client),
    begin: async (args) => {
      const ended = client.callTool({ name: 'probe_echo', arguments: args }).then(told, failed);
      return { end: () => ended };
    } };
}

/** Ends the session, too, where there is one. */
async function leave(client) {
  await client.transport?.terminateSession?.().catch(() => {});
  await client.close();
}

async function modern_tasks(target) {
  const agent = new TaskAgent(target);
  return { pages: [], close: () => {}, moved: (to) => Object.assign(agent, to),
    begin: async (args) => {
      const { result } = await agent.call('probe_echo', args);
      return { end: async () => (result.resultType === 'task' ? agent.end_of(result) : told(result)) };
    } };
}

async function legacy_tasks(target) {
  const client = await legacy_client(target);
  await client.listTools();
  return { pages: [], close: () => leave(client),
    begin: async (args) => {
      const stream = client.experimental.tasks.callToolStream({ name: 'probe_echo', arguments: args },
        undefined, { task: {} });
      const { value } = await stream.next();
      if (value.type !== 'taskCreated') {
        throw new Error(`no task: ${JSON.stringify(value.error?.message ?? value)}`);
      }
      return { end: () => legacy_end(client, stream, value.task.taskId) };
    } };
}

// The client says of a failed task only that it failed: why, its result says.
async function legacy_end(client, stream, id) {
  for await (const message of stream) {
    if (message.type === 'result') {
      return told(message.result);
    }
    if (message.type === 'error') {
      return client.experimental.tasks.getTaskResult(id)
        .then((result) => ({ ...told(result), failed: true }), failed);
    }
  }
  throw new Error('the stream ended without a result');
}

