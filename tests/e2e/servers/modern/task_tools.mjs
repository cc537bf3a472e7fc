// Tools of the 2026-07-28 reference server that become tasks when the client declared the tasks
// extension. `support: 'required'` tools refuse other clients with -32021; 'optional' ones wait.
//
// run(args, ctx) returns {work} to become a task, or a result (or input_required) to answer now.

import { acceptedContent, inputRequired, ProtocolError, ProtocolErrorCode }
  from '@modelcontextprotocol/server';
import { setTimeout as delay } from 'node:timers/promises';
import { NO_ARGUMENTS, text_result } from '../shared/content.mjs';

const ask_boolean = (message, property) => inputRequired.elicit({ mode: 'form', message,
  requestedSchema: { type: 'object', properties: { [property]: { type: 'boolean' } },
                     required: [property] } });
const ask_name = () => inputRequired.elicit({ mode: 'form', message: 'What is your name?',
  requestedSchema: { type: 'object', properties: { name: { type: 'string' } },
                     required: ['name'] } });

function slow_compute({ seconds = 1, label = '' }) {
  return { work: async ({ signal }) => {
    await delay(seconds * 1000, undefined, { signal });
    return text_result(`computed ${label} in ${seconds} s`);
  } };
}

function failing_job() {
  return { work: async () => ({ isError: true, ...text_result('the job always fails') }) };
}

function protocol_error_job() {
  return { work: async () => {
    throw new ProtocolError(ProtocolErrorCode.InternalError, 'the job broke the protocol');
  } };
}

function confirm_delete({ filename }) {
  return { work: async ({ ask }) => {
    const answers = await ask({ confirm: ask_boolean(`Delete ${filename}?`, 'confirm') });
    const agreed = answers.confirm.action === 'accept' && answers.confirm.content?.confirm === true;
    return text_result(agreed ? `deleted ${filename}` : `kept ${filename}`);
  } };
}

function multi_input() {
  return { work: async ({ ask }) => {
    const answers = await ask({ first: ask_boolean('First?', 'confirm'),
                                second: ask_boolean('Second?', 'confirm') });
    return text_result(`${Object.keys(answers).length} answers`);
  } };
}

function ask_then_work(_args, ctx) {
  const name = acceptedContent(ctx.mcpReq.inputResponses, 'user_name')?.name;
  return typeof name === 'string' ? { work: async () => text_result(`worked for ${name}`) }
    : inputRequired({ inputRequests: { user_name: ask_name() } });
}

export const TASK_TOOLS = [
  { name: 'slow_compute', description: 'Sleeps and answers.', support: 'optional',
    inputSchema: { type: 'object', properties: { seconds: { type: 'number', minimum: 0 },
                                                 label: { type: 'string' } } },
    run: slow_compute },
  { name: 'failing_job', description: 'A job whose tool fails.', support: 'required',
    inputSchema: NO_ARGUMENTS, run: failing_job },
  { name: 'protocol_error_job', description: 'A job that ends in a protocol error.',
    support: 'required', inputSchema: NO_ARGUMENTS, run: protocol_error_job },
  { name: 'confirm_delete', description: 'Asks before it ends.', support: 'required',
    inputSchema: { type: 'object', properties: { filename: { type: 'string' } },
                   required: ['filename'] },
    run: confirm_delete },
  { name: 'multi_input', description: 'Asks two things at once.', support: 'required',
    inputSchema: NO_ARGUMENTS, run: multi_input },
  { name: 'test_tool_with_task', description: 'Asks first, then works in the background.',
    support: 'required', inputSchema: NO_ARGUMENTS, run: ask_then_work },
];
