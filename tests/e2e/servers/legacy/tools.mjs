// Tools of the 2025-11-25 reference server that use the session: progress, logs, requests from the
// server to the client, a stream closed in the middle of a call, and tasks.
//
// Each run(args, call) gets `call`: {request, extra, server, session, log}, where `extra` is the
// SDK's request context (sendNotification, sendRequest, closeSSEStream, signal, taskStore).

import { setTimeout as delay } from 'node:timers/promises';
import { CreateMessageResultSchema, ElicitResultSchema, ListRootsResultSchema }
  from '@modelcontextprotocol/sdk/types.js';
import { NO_ARGUMENTS, text_result } from '../shared/content.mjs';

const STEP_MS = 50;

async function with_logging(_args, { log, extra }) {
  await log('info', 'Tool execution started');
  await delay(STEP_MS, undefined, { signal: extra.signal });
  await log('info', 'Tool processing data');
  await delay(STEP_MS, undefined, { signal: extra.signal });
  await log('info', 'Tool execution completed');
  return text_result('Tool with logging executed successfully');
}

async function with_progress(_args, { extra }) {
  const progressToken = extra._meta?.progressToken;
  for (const progress of [0, 50, 100]) {
    if (progressToken !== undefined) {
      await extra.sendNotification({ method: 'notifications/progress',
        params: { progressToken, progress, total: 100, message: `${progress} of 100` } });
    }
    if (progress < 100) {
      await delay(STEP_MS, undefined, { signal: extra.signal });
    }
  }
  return text_result('Progress reported');
}

async function sampling({ prompt }, { extra }) {
  const answer = await extra.sendRequest({ method: 'sampling/createMessage', params: {
    messages: [{ role: 'user', content: { type: 'text', text: prompt } }], maxTokens: 100,
  } }, CreateMessageResultSchema);
  const content = Array.isArray(answer.content) ? answer.content[0] : answer.content;
  return text_result(`LLM response: ${content.text}`);
}

async function ask(extra, message, requestedSchema) {
  return extra.sendRequest({ method: 'elicitation/create',
    params: { mode: 'form', message, requestedSchema } }, ElicitResultSchema);
}

const described = ({ action, content }) =>
  `action=${action}, content=${JSON.stringify(content ?? {})}`;

async function elicitation({ message }, { extra }) {
  const answer = await ask(extra, message, { type: 'object', required: ['username', 'email'],
    properties: { username: { type: 'string', description: "User's response" },
                  email: { type: 'string', description: "User's email address" } } });
  return text_result(`User response: ${described(answer)}`);
}

async function elicitation_defaults(_args, { extra }) {
  const answer = await ask(extra, 'Please review the values', { type: 'object', required: [],
    properties: {
      name: { type: 'string', default: 'John Doe' },
      age: { type: 'integer', default: 30 },
      score: { type: 'number', default: 95.5 },
      status: { type: 'string', enum: ['active', 'inactive', 'pending'], default: 'active' },
      verified: { type: 'boolean', default: true },
    } });
  return text_result(`Elicitation completed: ${described(answer)}`);
}

const titled = (ordinals, noun, word = 'value') => ordinals.map((ordinal, index) =>
  ({ const: `${word}${index + 1}`, title: `${ordinal} ${noun}` }));

async function elicitation_enums(_args, { extra }) {
  const options = ['option1', 'option2', 'option3'];
  const ordinals = ['First', 'Second', 'Third'];
  const answer = await ask(extra, 'Please choose', { type: 'object', required: [],
    properties: {
      untitledSingle: { type: 'string', enum: options },
      titledSingle: { type: 'string', oneOf: titled(ordinals, 'Option') },
      legacyEnum: { type: 'string', enum: ['opt1', 'opt2', 'opt3'],
                    enumNames: ['Option One', 'Option Two', 'Option Three'] },
      untitledMulti: { type: 'array', items: { type: 'string', enum: options } },
      titledMulti: { type: 'array', items: { anyOf: titled(ordinals, 'Choice') } },
    } });
  return text_result(`Elicitation completed: ${described(answer)}`);
}

async function roots(_args, { extra }) {
  const answer = await extra.sendRequest({ method: 'roots/list' }, ListRootsResultSchema);
  return text_result(JSON.stringify(answer.roots));
}

async function reconnection(_args, { extra }) {
  extra.closeSSEStream?.();
  await delay(2 * STEP_MS);
  return text_result('Reconnection test completed');
}

// A call that asks for a task gets its handle at once; one that does not waits for the result.
async function slow_task({ ms }, { request, extra }) {
  const result = () => text_result(`slept ${ms} ms`);
  if (request.params.task === undefined) {
    await delay(ms, undefined, { signal: extra.signal });
    return result();
  }
  const task = await extra.taskStore.createTask({ ttl: request.params.task.ttl ?? 60_000,
                                                  pollInterval: STEP_MS });
  delay(ms).then(() => extra.taskStore.storeTaskResult(task.taskId, 'completed', result()))
    .catch(() => {});  // cancelled meanwhile: the store refuses a second terminal state
  return { task };
}

async function touch_resource({ uri }, { server, session }) {
  if (session.subscriptions.has(uri)) {
    await server.sendResourceUpdated({ uri });
  }
  return text_result(`touched ${uri}`);
}

async function trigger_tool_change(_args, { server }) {
  await server.sendToolListChanged();
  return text_result('tool list changed');
}

const strings = (...names) => ({ type: 'object', required: names, additionalProperties: false,
  properties: Object.fromEntries(names.map((name) => [name, { type: 'string' }])) });

export const SESSION_TOOLS = [
  { name: 'test_tool_with_logging', description: 'Writes three log messages.',
    inputSchema: NO_ARGUMENTS, run: with_logging },
  { name: 'test_tool_with_progress', description: 'Reports its progress three times.',
    inputSchema: NO_ARGUMENTS, run: with_progress },
  { name: 'test_sampling', description: "Asks the client's model.",
    inputSchema: strings('prompt'), run: sampling },
  { name: 'test_elicitation', description: 'Asks the user two things.',
    inputSchema: strings('message'), run: elicitation },
  { name: 'test_elicitation_sep1034_defaults', description: 'Asks with default values.',
    inputSchema: NO_ARGUMENTS, run: elicitation_defaults },
  { name: 'test_elicitation_sep1330_enums', description: 'Asks with every kind of enum.',
    inputSchema: NO_ARGUMENTS, run: elicitation_enums },
  { name: 'test_list_roots', description: 'Asks for the roots of the client.',
    inputSchema: NO_ARGUMENTS, run: roots },
  { name: 'test_reconnection', description: 'Closes its stream in the middle of the call.',
    inputSchema: NO_ARGUMENTS, run: reconnection },
  { name: 'test_touch_resource', description: 'Tells subscribers that a resource changed.',
    inputSchema: strings('uri'), run: touch_resource },
  { name: 'test_trigger_tool_change', description: 'Tells the client that the list changed.',
    inputSchema: NO_ARGUMENTS, run: trigger_tool_change },
  { name: 'test_slow_task', description: 'Sleeps, as a task if the caller asks for one.',
    inputSchema: { type: 'object', required: ['ms'], additionalProperties: false,
                   properties: { ms: { type: 'integer', minimum: 0, maximum: 600_000 } } },
    execution: { taskSupport: 'optional' }, run: slow_task },
];
