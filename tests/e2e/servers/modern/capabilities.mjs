// What the client of one request declared, and the refusal when a tool needs more.

import { CLIENT_CAPABILITIES_META_KEY, MissingRequiredClientCapabilityError }
  from '@modelcontextprotocol/server';

export const TASKS_EXTENSION = 'io.modelcontextprotocol/tasks';

/** @param {import('@modelcontextprotocol/server').ServerContext} ctx */
export function client_capabilities(ctx) {
  return ctx.mcpReq.envelope?.[CLIENT_CAPABILITIES_META_KEY] ?? {};
}

export function declares_tasks(ctx) {
  return client_capabilities(ctx).extensions?.[TASKS_EXTENSION] !== undefined;
}

/** Error -32021 that names what the client would have had to declare. @param {object} needed */
export function missing_capability(needed) {
  return new MissingRequiredClientCapabilityError({ requiredCapabilities: needed });
}

export function missing_tasks_extension() {
  return missing_capability({ extensions: { [TASKS_EXTENSION]: {} } });
}
