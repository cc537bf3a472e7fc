// The official clients of both eras over Streamable HTTP, with a bearer key.

import { Client as ModernClient, StreamableHTTPClientTransport as ModernTransport }
  from '@modelcontextprotocol/client';
import { Client as LegacyClient } from '@modelcontextprotocol/sdk/client/index.js';
import { StreamableHTTPClientTransport as LegacyTransport }
  from '@modelcontextprotocol/sdk/client/streamableHttp.js';

export const LEGACY_REVISION = '2025-11-25';
export const MODERN_REVISION = '2026-07-28';

/** @typedef {{url: string, key?: string, name?: string, headers?: Record<string, string>,
 *             fetch?: typeof fetch, options?: object}} Target
 *  name: what the client calls itself; headers: sent with each request, beside the key's;
 *  fetch: in place of the global one; options: further options of the SDK's client */

function transport_options({ key, headers, fetch }) {
  return { ...fetch === undefined ? {} : { fetch }, requestInit: { headers: { ...headers,
    ...key === undefined ? {} : { Authorization: `Bearer ${key}` } } } };
}

function expect_revision(found, expected) {
  if (found !== expected) {
    throw new Error(`negotiated revision ${found}, expected ${expected}`);
  }
}

/** Connects with @modelcontextprotocol/sdk and asserts revision 2025-11-25. @param {Target} to */
export async function legacy_client({ url, name = 'legacy-agent', options = {}, ...to }) {
  const client = new LegacyClient({ name, version: '1.0.0' }, options);
  const transport = new LegacyTransport(new URL(url), transport_options(to));
  await client.connect(transport);
  expect_revision(transport.protocolVersion, LEGACY_REVISION);
  return client;
}

/** Connects with @modelcontextprotocol/client pinned to 2026-07-28. @param {Target} to */
export async function modern_client({ url, name = 'modern-agent', options = {}, ...to }) {
  const client = new ModernClient({ name, version: '1.0.0' },
    { ...options, versionNegotiation: { mode: { pin: MODERN_REVISION } } });
  await client.connect(new ModernTransport(new URL(url), transport_options(to)));
  expect_revision(client.getNegotiatedProtocolVersion(), MODERN_REVISION);
  return client;
}
