// One MCP server of revision 2025-11-25 for one session, from the tables of tools, resources and
// prompts. Written with the low-level Server of @modelcontextprotocol/sdk, so that schemas reach
// the wire as they stand in the tables.

import { Server } from '@modelcontextprotocol/sdk/server/index.js';
import { InMemoryTaskMessageQueue, InMemoryTaskStore }
  from '@modelcontextprotocol/sdk/experimental/tasks/stores/in-memory.js';
import {
  CallToolRequestSchema, CompleteRequestSchema, ErrorCode, GetPromptRequestSchema,
  ListPromptsRequestSchema, ListResourceTemplatesRequestSchema, ListResourcesRequestSchema,
  ListToolsRequestSchema, McpError, ReadResourceRequestSchema, SetLevelRequestSchema,
  SubscribeRequestSchema, UnsubscribeRequestSchema,
} from '@modelcontextprotocol/sdk/types.js';
import { PLAIN_TOOLS, PROMPTS, RESOURCES, TEMPLATE, complete, resource_contents,
         template_contents } from '../shared/content.mjs';
import { PROBE_ECHO, PROBE_SLEEP, probe_echo, probe_sleep } from '../shared/probes.mjs';
import { SESSION_TOOLS } from './tools.mjs';

const LEVELS = ['debug', 'info', 'notice', 'warning', 'error', 'critical', 'alert', 'emergency'];

const TOOLS = new Map([
  ...PLAIN_TOOLS, ...SESSION_TOOLS,
  { ...PROBE_ECHO, run: (args, { extra }) => probe_echo(args,
      { meta: extra._meta, headers: extra.requestInfo?.headers }) },
  { ...PROBE_SLEEP, run: (args, { extra }) => probe_sleep(args, extra.signal) },
].map((tool) => [tool.name, tool]));

function invalid_params(message) {
  return new McpError(ErrorCode.InvalidParams, message);
}

function serve_tools(server, session, journal) {
  server.setRequestHandler(ListToolsRequestSchema, () =>
    ({ tools: [...TOOLS.values()].map(({ run, ...definition }) => definition) }));
  server.setRequestHandler(CallToolRequestSchema, async (request, extra) => {
    const { name, arguments: args = {} } = request.params;
    const tool = TOOLS.get(name);
    if (tool === undefined) {
      throw invalid_params(`Unknown tool: ${name}`);
    }
    journal({ server: 'legacy_reference', tool: name, arguments: args,
              request_id: extra.requestId, meta: extra._meta });
    const log = async (level, data) => {
      if (LEVELS.indexOf(level) >= LEVELS.indexOf(session.log_level)) {
        await extra.sendNotification({ method: 'notifications/message',
                                       params: { level, logger: name, data } });
      }
    };
    try {
      return await tool.run(args, { request, extra, server, session, log });
    } catch (error) {
      return { isError: true, content: [{ type: 'text', text: error.message }] };
    }
  });
}

function serve_resources(server, session) {
  server.setRequestHandler(ListResourcesRequestSchema, () => ({
    resources: RESOURCES.map(({ uri, name, description, mimeType }) =>
      ({ uri, name, description, mimeType })),
  }));
  server.setRequestHandler(ListResourceTemplatesRequestSchema, () =>
    ({ resourceTemplates: [TEMPLATE] }));
  server.setRequestHandler(ReadResourceRequestSchema, ({ params: { uri } }) => {
    const resource = RESOURCES.find((candidate) => candidate.uri === uri);
    if (resource !== undefined) {
      return resource_contents(resource);
    }
    const id = /^test:\/\/template\/([^/]+)\/data$/.exec(uri)?.[1];
    if (id !== undefined) {
      return template_contents(uri, id);
    }
    throw new McpError(-32002, 'Resource not found', { uri });
  });
  server.setRequestHandler(SubscribeRequestSchema, ({ params }) => {
    session.subscriptions.add(params.uri);
    return {};
  });
  server.setRequestHandler(UnsubscribeRequestSchema, ({ params }) => {
    session.subscriptions.delete(params.uri);
    return {};
  });
}

function serve_prompts(server) {
  server.setRequestHandler(ListPromptsRequestSchema, () => ({
    prompts: PROMPTS.map(({ messages, ...definition }) => definition),
  }));
  server.setRequestHandler(GetPromptRequestSchema, ({ params }) => {
    const prompt = PROMPTS.find((candidate) => candidate.name === params.name);
    if (prompt === undefined) {
      throw invalid_params(`Unknown prompt: ${params.name}`);
    }
    const missing = prompt.arguments?.find(({ name }) => params.arguments?.[name] === undefined);
    if (missing !== undefined) {
      throw invalid_params(`Missing argument: ${missing.name}`);
    }
    return { description: prompt.description, messages: prompt.messages(params.arguments ?? {}) };
  });
  server.setRequestHandler(CompleteRequestSchema, ({ params }) => complete(params.argument.value));
}

/**
 * @param {ReturnType<typeof import('../shared/journal.mjs').open_journal>} journal
 * @returns {Server} not yet connected
 */
export function make_legacy_server(journal) {
  const session = { log_level: 'info', subscriptions: new Set() };
  const server = new Server({ name: 'legacy-reference', version: '1.0.0' }, {
    capabilities: {
      tools: { listChanged: true }, resources: { subscribe: true, listChanged: true },
      prompts: { listChanged: true }, logging: {}, completions: {},
      tasks: { list: {}, cancel: {}, requests: { tools: { call: {} } } },
    },
    taskStore: new InMemoryTaskStore(),
    taskMessageQueue: new InMemoryTaskMessageQueue(),
  });
  server.setRequestHandler(SetLevelRequestSchema, ({ params }) => {
    session.log_level = params.level;
    return {};
  });
  serve_tools(server, session, journal);
  serve_resources(server, session);
  serve_prompts(server);
  return server;
}
