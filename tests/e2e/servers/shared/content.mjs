// What both eras serve alike: plain tools, resources and prompts that the official conformance
// suites ask for by name. A plain tool answers from its arguments alone.

export const PNG = 'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAIAAACQd1PeAAAADElEQVR4nGP4z8AAAAMBAQDJ'
  + '/pLvAAAAAElFTkSuQmCC';
export const WAV = 'UklGRiYAAABXQVZFZm10IBAAAAABAAEAQB8AAAB9AAACABAAZGF0YQIAAAAAAA==';

export const NO_ARGUMENTS = { type: 'object', properties: {}, additionalProperties: false };

/** @param {string} value */
export function text(value) {
  return { type: 'text', text: value };
}

/** @param {string} value */
export function text_result(value) {
  return { content: [text(value)] };
}

const SCHEMA_2020_12 = {
  $schema: 'https://json-schema.org/draft/2020-12/schema',
  type: 'object',
  $defs: {
    address: { $anchor: 'addressDef', type: 'object',
               properties: { street: { type: 'string' }, city: { type: 'string' } } },
  },
  properties: {
    name: { type: 'string' },
    address: { $ref: '#/$defs/address' },
    contactMethod: { type: 'string', enum: ['phone', 'email'] },
    phone: { type: 'string' },
    email: { type: 'string' },
  },
  allOf: [{ anyOf: [{ required: ['phone'] }, { required: ['email'] }] }],
  if: { properties: { contactMethod: { const: 'phone' } }, required: ['contactMethod'] },
  then: { required: ['phone'] },
  else: { required: ['email'] },
  additionalProperties: false,
};

/**
 * @typedef {{name: string, description: string, inputSchema: object,
 *   run: (args: any) => object}} PlainTool
 * @type {PlainTool[]}
 */
export const PLAIN_TOOLS = [
  { name: 'test_simple_text', description: 'Answers with one text.', inputSchema: NO_ARGUMENTS,
    run: () => text_result('This is a simple text response for testing.') },
  { name: 'test_image_content', description: 'Answers with an image.', inputSchema: NO_ARGUMENTS,
    run: () => ({ content: [{ type: 'image', data: PNG, mimeType: 'image/png' }] }) },
  { name: 'test_audio_content', description: 'Answers with a sound.', inputSchema: NO_ARGUMENTS,
    run: () => ({ content: [{ type: 'audio', data: WAV, mimeType: 'audio/wav' }] }) },
  { name: 'test_embedded_resource', description: 'Answers with a resource.',
    inputSchema: NO_ARGUMENTS,
    run: () => ({ content: [{ type: 'resource',
      resource: { uri: 'test://embedded-resource', mimeType: 'text/plain',
                  text: 'This is an embedded resource content.' } }] }) },
  { name: 'test_multiple_content_types', description: 'Answers with text, image and resource.',
    inputSchema: NO_ARGUMENTS,
    run: () => ({ content: [
      text('Multiple content types test:'),
      { type: 'image', data: PNG, mimeType: 'image/png' },
      { type: 'resource', resource: { uri: 'test://mixed-content-resource',
        mimeType: 'application/json', text: JSON.stringify({ test: 'data', value: 123 }) } },
    ] }) },
  { name: 'test_error_handling', description: 'Always fails.', inputSchema: NO_ARGUMENTS,
    run: () => ({ isError: true,
                  ...text_result('This tool intentionally returns an error for testing') }) },
  { name: 'json_schema_2020_12_tool', description: 'Tool with JSON Schema 2020-12 features',
    inputSchema: SCHEMA_2020_12, run: () => text_result('ok') },
];

/** @typedef {{uri: string, name: string, description: string, mimeType: string}} ResourceInfo */

/** @type {(ResourceInfo & {text?: string, blob?: string})[]} */
export const RESOURCES = [
  { uri: 'test://static-text', name: 'static-text', description: 'A text that never changes',
    mimeType: 'text/plain', text: 'This is the content of the static text resource.' },
  { uri: 'test://static-binary', name: 'static-binary', description: 'An image of one pixel',
    mimeType: 'image/png', blob: PNG },
  { uri: 'test://watched-resource', name: 'watched-resource',
    description: 'A resource that clients subscribe to', mimeType: 'text/plain',
    text: 'Watched resource content' },
];

export const TEMPLATE = {
  uriTemplate: 'test://template/{id}/data', name: 'template', mimeType: 'application/json',
  description: 'Data made from the id in the address',
};

/** @param {string} uri @param {string} id */
export function template_contents(uri, id) {
  return { contents: [{ uri, mimeType: TEMPLATE.mimeType,
    text: JSON.stringify({ id, templateTest: true, data: `Data for ID: ${id}` }) }] };
}

/** @param {(typeof RESOURCES)[number]} resource */
export function resource_contents({ uri, mimeType, text: value, blob }) {
  return { contents: [{ uri, mimeType, ...(blob === undefined ? { text: value } : { blob }) }] };
}

const user = (content) => ({ role: 'user', content });

/**
 * @type {{name: string, description: string, arguments?: {name: string, description: string,
 *   required: boolean}[], messages: (args: Record<string, string>) => object[]}[]}
 */
export const PROMPTS = [
  { name: 'test_simple_prompt', description: 'A prompt without arguments',
    messages: () => [user(text('This is a simple prompt for testing.'))] },
  { name: 'test_prompt_with_arguments', description: 'A prompt with two arguments',
    arguments: [{ name: 'arg1', description: 'First test argument', required: true },
                { name: 'arg2', description: 'Second test argument', required: true }],
    messages: ({ arg1, arg2 }) =>
      [user(text(`Prompt with arguments: arg1='${arg1}', arg2='${arg2}'`))] },
  { name: 'test_prompt_with_embedded_resource', description: 'A prompt that embeds a resource',
    arguments: [{ name: 'resourceUri', description: 'Address of the resource', required: true }],
    messages: ({ resourceUri }) => [
      user({ type: 'resource', resource: { uri: resourceUri, mimeType: 'text/plain',
        text: 'Embedded resource content for testing.' } }),
      user(text('Please process the embedded resource above.'))] },
  { name: 'test_prompt_with_image', description: 'A prompt with an image',
    messages: () => [user({ type: 'image', data: PNG, mimeType: 'image/png' }),
                     user(text('Please analyze the image above.'))] },
];

/** Values offered for arg1 of test_prompt_with_arguments. @param {string} prefix */
export function complete(prefix) {
  const values = ['paris', 'park', 'party'].filter((value) => value.startsWith(prefix));
  return { completion: { values, total: values.length, hasMore: false } };
}
