// Tools and the prompt of the 2026-07-28 reference server that need something from the client and
// therefore answer "input_required" first: elicitation, sampling, roots, several at once, rounds.
//
// Each run(args, ctx) is pure in what the client sends: the state between rounds travels in
// requestState, sealed by the codec and checked before the handler runs.

import { acceptedContent, createRequestStateCodec, inputRequired, inputResponse,
         ProtocolError, ProtocolErrorCode } from '@modelcontextprotocol/server';
import { randomBytes } from 'node:crypto';
import { NO_ARGUMENTS, text_result } from '../shared/content.mjs';
import { client_capabilities } from './capabilities.mjs';

export const state_codec = createRequestStateCodec({ key: randomBytes(32),
  bind: (ctx) => ctx.mcpReq.method });

function ask_for(message, property, type = 'string') {
  return inputRequired.elicit({ mode: 'form', message, requestedSchema: {
    type: 'object', properties: { [property]: { type } }, required: [property] } });
}

function ask_model(prompt, maxTokens) {
  return inputRequired.createMessage({ maxTokens,
    messages: [{ role: 'user', content: { type: 'text', text: prompt } }] });
}

/** The accepted answer, if it has `property` with the right type. */
function answer(ctx, key, property, type = 'string') {
  const value = acceptedContent(ctx.mcpReq.inputResponses, key)?.[property];
  return typeof value === type ? value : undefined;
}

function sampled_text(ctx, key) {
  const view = inputResponse(ctx.mcpReq.inputResponses, key);
  if (view.kind !== 'sampling') {
    return undefined;
  }
  const content = ctx.mcpReq.inputResponses[key].content;
  return (Array.isArray(content) ? content[0] : content).text;
}

function listed_roots(ctx, key) {
  return inputResponse(ctx.mcpReq.inputResponses, key).kind === 'roots'
    ? ctx.mcpReq.inputResponses[key].roots : undefined;
}

function verified_state(ctx, tool) {
  const state = ctx.mcpReq.requestState();
  if (state !== undefined && state.tool !== tool) {
    throw new ProtocolError(ProtocolErrorCode.InvalidParams, 'requestState of another tool');
  }
  return state;
}

async function elicitation(_args, ctx) {
  const name = answer(ctx, 'user_name', 'name');
  return name !== undefined ? text_result(`Hello, ${name}!`)
    : inputRequired({ inputRequests: { user_name: ask_for('What is your name?', 'name') } });
}

async function sampling(_args, ctx) {
  const said = sampled_text(ctx, 'capital_question');
  return said !== undefined ? text_result(said) : inputRequired({ inputRequests: {
    capital_question: ask_model('What is the capital of France?', 100) } });
}

async function list_roots(_args, ctx) {
  const roots = listed_roots(ctx, 'client_roots');
  return roots !== undefined ? text_result(roots.map(({ uri }) => uri).join('\n'))
    : inputRequired({ inputRequests: { client_roots: inputRequired.listRoots() } });
}

/** Asks once, with a state that must come back. */
function confirm_with_state(tool) {
  return async (_args, ctx) => {
    const state = verified_state(ctx, tool);
    if (state !== undefined && answer(ctx, 'confirm', 'ok', 'boolean') !== undefined) {
      return text_result('state-ok');
    }
    return inputRequired({ requestState: await state_codec.mint({ tool }, ctx),
      inputRequests: { confirm: ask_for('Please confirm', 'ok', 'boolean') } });
  };
}

async function multiple_inputs(_args, ctx) {
  const tool = 'test_input_required_result_multiple_inputs';
  const name = answer(ctx, 'user_name', 'name');
  const greeting = sampled_text(ctx, 'greeting');
  const roots = listed_roots(ctx, 'client_roots');
  if (verified_state(ctx, tool) !== undefined && name !== undefined && greeting !== undefined
      && roots !== undefined) {
    return text_result(`${greeting} ${name}, ${roots.length} root(s)`);
  }
  return inputRequired({ requestState: await state_codec.mint({ tool }, ctx), inputRequests: {
    user_name: ask_for('What is your name?', 'name'),
    greeting: ask_model('Generate a greeting', 50),
    client_roots: inputRequired.listRoots(),
  } });
}

async function multi_round(_args, ctx) {
  const tool = 'test_input_required_result_multi_round';
  const state = verified_state(ctx, tool);
  const color = answer(ctx, 'step2', 'color');
  if (state?.name !== undefined && color !== undefined) {
    return text_result(`${state.name} likes ${color}`);
  }
  const name = answer(ctx, 'step1', 'name');
  if (state !== undefined && name !== undefined) {
    return inputRequired({ requestState: await state_codec.mint({ tool, name }, ctx),
      inputRequests: { step2: ask_for('Step 2: What is your favorite color?', 'color') } });
  }
  return inputRequired({ requestState: await state_codec.mint({ tool }, ctx),
    inputRequests: { step1: ask_for('Step 1: What is your name?', 'name') } });
}

/** Asks only for what the client declared that it can answer. */
async function by_capability(_args, ctx) {
  const declared = client_capabilities(ctx);
  const possible = {
    ...(declared.elicitation && { user_name: ask_for('What is your name?', 'name') }),
    ...(declared.sampling && { greeting: ask_model('Generate a greeting', 50) }),
  };
  const answered = Object.keys(possible).every((key) =>
    ctx.mcpReq.inputResponses?.[key] !== undefined);
  return answered ? text_result('done') : inputRequired({ inputRequests: possible });
}

const PREFIX = 'test_input_required_result_';

export const INPUT_REQUIRED_TOOLS = [
  { name: `${PREFIX}elicitation`, description: "Asks for the user's name.", run: elicitation },
  { name: `${PREFIX}sampling`, description: "Asks the client's model.", run: sampling },
  { name: `${PREFIX}list_roots`, description: 'Asks for the roots.', run: list_roots },
  { name: `${PREFIX}request_state`, description: 'Asks once and wants its state back.',
    run: confirm_with_state(`${PREFIX}request_state`) },
  { name: `${PREFIX}tampered_state`, description: 'Refuses a state that it did not seal.',
    run: confirm_with_state(`${PREFIX}tampered_state`) },
  { name: `${PREFIX}multiple_inputs`, description: 'Asks for three things at once.',
    run: multiple_inputs },
  { name: `${PREFIX}multi_round`, description: 'Asks twice.', run: multi_round },
  { name: `${PREFIX}capabilities`, description: 'Asks for what the client can answer.',
    run: by_capability },
  { name: 'test_streaming_elicitation', description: 'Asks over a stream.', run: elicitation },
].map((tool) => ({ inputSchema: NO_ARGUMENTS, ...tool }));

export const INPUT_REQUIRED_PROMPT = {
  name: 'test_input_required_result_prompt', description: 'A prompt that asks for its context',
  run: async (_args, ctx) => {
    const context = answer(ctx, 'user_context', 'context');
    return context === undefined
      ? inputRequired({ inputRequests: {
          user_context: ask_for('What context should the prompt use?', 'context') } })
      : { messages: [{ role: 'user', content: { type: 'text', text: `Context: ${context}` } }] };
  },
};
