// One MCP server of revision 2026-07-28 for one request (HTTP) or one connection (stdio), from the
// tables of tools, resources and prompts. Tools are registered with McpServer, so that its HTTP
// entry knows their schemas and checks the headers that mirror arguments; tools/call is answered
// here, because a tool may answer with a task or with a protocol error.

import { McpServer, ProtocolError, ProtocolErrorCode, ResourceNotFoundError, fromJsonSchema }
  from '@modelcontextprotocol/server';
import { z } from 'zod';
import { PROMPTS, RESOURCES, TEMPLATE, complete, resource_contents, template_contents }
  from '../shared/content.mjs';
import { TASKS_EXTENSION, declares_tasks, missing_tasks_extension } from './capabilities.mjs';
import { INPUT_REQUIRED_PROMPT, INPUT_REQUIRED_TOOLS, state_codec } from './input_required.mjs';
import { TASK_TOOLS } from './task_tools.mjs';
import { TaskTable } from './task_table.mjs';
import { STREAM_TOOLS } from './tools.mjs';

const TOOLS = new Map([...STREAM_TOOLS, ...INPUT_REQUIRED_TOOLS, ...TASK_TOOLS]
  .map((tool) => [tool.name, tool]));
const tasks = new TaskTable();

function invalid_params(message) {
  return new ProtocolError(ProtocolErrorCode.InvalidParams, message);
}

async function call(tool, args, ctx, notify) {
  if (tool.support === 'required' && !declares_tasks(ctx)) {
    throw missing_tasks_extension();
  }
  const answer = await tool.run(args, ctx, notify);
  if (answer.work === undefined) {
    return answer;
  }
  return declares_tasks(ctx) ? tasks.create(answer.work)
    : answer.work({ signal: ctx.mcpReq.signal });
}

function serve_tools(mcp, notify, journal) {
  for (const { name, description, inputSchema } of TOOLS.values()) {
    mcp.registerTool(name, { description, inputSchema: fromJsonSchema(inputSchema) }, () => {
      throw new Error('unreachable: tools/call has its own handler');
    });
  }
  mcp.server.setRequestHandler('tools/call', async (request, ctx) => {
    const { name, arguments: args = {} } = request.params;
    const tool = TOOLS.get(name);
    if (tool === undefined) {
      throw invalid_params(`Unknown tool: ${name}`);
    }
    journal({ server: 'modern_reference', tool: name, arguments: args,
              request_id: ctx.mcpReq.id, meta: ctx.mcpReq._meta });
    try {
      return await call(tool, args, ctx, notify);
    } catch (error) {
      if (error instanceof ProtocolError) {
        throw error;
      }
      return { isError: true, content: [{ type: 'text', text: error.message }] };
    }
  });
}

function serve_tasks(server) {
  const id_only = z.object({ taskId: z.string() });
  const methods = {
    'tasks/get': [id_only, ({ taskId }) => tasks.get(taskId)],
    'tasks/cancel': [id_only, ({ taskId }) => tasks.cancel(taskId)],
    // The SDK lifts inputResponses out of the parameters, as for a retried call.
    'tasks/update': [id_only, ({ taskId }, ctx) => tasks.update(taskId, ctx.mcpReq.inputResponses)],
  };
  for (const [method, [params, answer]] of Object.entries(methods)) {
    server.setRequestHandler(method, { params }, async (checked, ctx) => {
      if (!declares_tasks(ctx)) {
        throw missing_tasks_extension();
      }
      return answer(checked, ctx);
    });
  }
}

function serve_resources(server) {
  server.setRequestHandler('resources/list', () => ({
    resources: RESOURCES.map(({ uri, name, description, mimeType }) =>
      ({ uri, name, description, mimeType })) }));
  server.setRequestHandler('resources/templates/list', () => ({ resourceTemplates: [TEMPLATE] }));
  server.setRequestHandler('resources/read', ({ params: { uri } }) => {
    const resource = RESOURCES.find((candidate) => candidate.uri === uri);
    if (resource !== undefined) {
      return resource_contents(resource);
    }
    const id = /^test:\/\/template\/([^/]+)\/data$/.exec(uri)?.[1];
    if (id !== undefined) {
      return template_contents(uri, id);
    }
    throw new ResourceNotFoundError(uri);
  });
}

function serve_prompts(server) {
  server.setRequestHandler('prompts/list', () => ({
    prompts: [...PROMPTS, INPUT_REQUIRED_PROMPT].map(({ messages, run, ...info }) => info) }));
  server.setRequestHandler('prompts/get', ({ params }, ctx) => {
    if (params.name === INPUT_REQUIRED_PROMPT.name) {
      return INPUT_REQUIRED_PROMPT.run(params.arguments, ctx);
    }
    const prompt = PROMPTS.find((candidate) => candidate.name === params.name);
    const missing = prompt?.arguments?.find(({ name }) => params.arguments?.[name] === undefined);
    if (prompt === undefined || missing !== undefined) {
      throw invalid_params(prompt ? `Missing argument: ${missing.name}`
        : `Unknown prompt: ${params.name}`);
    }
    return { description: prompt.description, messages: prompt.messages(params.arguments ?? {}) };
  });
  server.setRequestHandler('completion/complete', ({ params }) => complete(params.argument.value));
}

/**
 * @param {import('@modelcontextprotocol/server').ServerNotifier} notify
 * @param {ReturnType<typeof import('../shared/journal.mjs').open_journal>} journal
 */
export function make_modern_server(notify, journal) {
  const shared_list = { ttlMs: 60_000, cacheScope: 'public' };
  const mcp = new McpServer({ name: 'modern-reference', version: '1.0.0' }, {
    capabilities: {
      tools: { listChanged: true }, prompts: { listChanged: true }, logging: {}, completions: {},
      resources: { listChanged: true, subscribe: true },
      extensions: { [TASKS_EXTENSION]: {} },
    },
    cacheHints: { 'tools/list': shared_list, 'prompts/list': shared_list,
                  'resources/list': shared_list },
    requestState: { verify: state_codec.verify },
  });
  serve_tools(mcp, notify, journal);
  serve_tasks(mcp.server);
  serve_resources(mcp.server);
  serve_prompts(mcp.server);
  return mcp;
}
