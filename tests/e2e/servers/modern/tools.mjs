// Tools of the 2026-07-28 reference server that use the request's stream or change the lists.
// run(args, ctx, notify): `notify` reaches every open subscriptions/listen stream.

import { setTimeout as delay } from 'node:timers/promises';
import { NO_ARGUMENTS, PLAIN_TOOLS, text_result } from '../shared/content.mjs';
import { PROBE_ECHO, PROBE_SLEEP, probe_echo, probe_sleep } from '../shared/probes.mjs';
import { client_capabilities, missing_capability } from './capabilities.mjs';

const STEP_MS = 50;

async function with_logging(_args, ctx) {
  for (const message of ['started', 'processing data', 'completed']) {
    await ctx.mcpReq.log('info', `Tool execution ${message}`, 'test_logging_tool');
    await delay(STEP_MS, undefined, { signal: ctx.mcpReq.signal });
  }
  return text_result('Tool with logging executed successfully');
}

async function with_progress(_args, ctx) {
  const progressToken = ctx.mcpReq._meta?.progressToken;
  for (const progress of [0, 50, 100]) {
    if (progressToken !== undefined) {
      await ctx.mcpReq.notify({ method: 'notifications/progress',
        params: { progressToken, progress, total: 100, message: `${progress} of 100` } });
    }
    if (progress < 100) {
      await delay(STEP_MS, undefined, { signal: ctx.mcpReq.signal });
    }
  }
  return text_result('Progress reported');
}

async function needs_sampling(_args, ctx) {
  if (client_capabilities(ctx).sampling === undefined) {
    throw missing_capability({ sampling: {} });
  }
  return text_result('the client can sample');
}

const named = (name) => ({ type: 'object', properties: { [name]: { type: 'string' } },
                           required: [name] });

export const STREAM_TOOLS = [
  ...PLAIN_TOOLS,
  { name: 'greet', description: 'Greets by name.', inputSchema: named('name'),
    run: ({ name }) => text_result(`Hello, ${name}!`) },
  { name: 'test_logging_tool', description: 'Writes log messages if the request asked for them.',
    inputSchema: NO_ARGUMENTS, run: with_logging },
  { name: 'test_tool_with_progress', description: 'Reports its progress three times.',
    inputSchema: NO_ARGUMENTS, run: with_progress },
  { name: 'test_missing_capability', description: 'Needs a client that can sample.',
    inputSchema: NO_ARGUMENTS, run: needs_sampling },
  { name: 'test_header_region', description: 'Mirrors an argument in a request header.',
    inputSchema: { type: 'object', required: ['region'],
      properties: { region: { type: 'string', 'x-mcp-header': 'Region' },
                    note: { type: 'string' } } },
    run: ({ region }) => text_result(`region ${region}`) },
  { name: 'test_trigger_tool_change', description: 'Announces a changed list of tools.',
    inputSchema: NO_ARGUMENTS,
    run: (_args, _ctx, notify) => { notify.toolsChanged(); return text_result('announced'); } },
  { name: 'test_trigger_prompt_change', description: 'Announces a changed list of prompts.',
    inputSchema: NO_ARGUMENTS,
    run: (_args, _ctx, notify) => { notify.promptsChanged(); return text_result('announced'); } },
  { name: 'test_touch_resource', description: 'Announces a changed resource.',
    inputSchema: named('uri'),
    run: ({ uri }, _ctx, notify) => { notify.resourceUpdated(uri); return text_result(uri); } },
  { ...PROBE_ECHO, run: (args, ctx) => probe_echo(args, {
      meta: { ...ctx.mcpReq._meta, ...ctx.mcpReq.envelope },
      headers: ctx.http?.req && Object.fromEntries(ctx.http.req.headers) }) },
  { ...PROBE_SLEEP, run: (args, ctx) => probe_sleep(args, ctx.mcpReq.signal) },
];
