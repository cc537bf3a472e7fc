// The ways. `goal`: what has to be seen afterwards, at the server that Pawl guards: `held`, `stopped` or
// `denied` is called there; `itself`: that the step was done is the success. `files` is done while the
// daemon is down, for whoever may write its files may also end it; `act` while it runs. `caller` and
// `args`: of the call that is tried afterwards. `told`: the event in the log of a refusal, `recorded`: its record.
// `refused`: why, where files and tokens are within reach; left out: it works then. `found`: where it
// works, whoever pinned the log before does not find the log good afterwards.
//
// Against a service with a user of its own: `kept`: what its `operator.refused` say, as "LISTENER: METHOD
// PATH CODE"; `kernel: true`: file permissions refuse it, and the gateway sees nothing of it. A way that
// wants a token, a key or a file goes on without, so that the listener is tried as well.

import { randomBytes } from 'node:crypto';
import { existsSync, openSync, readFileSync, readSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { approval_by, ask, call, decide, each_of, enrollment_by, held_call, key_if_any, key_of, make_account,
         resume, resume_by, run, say_hello, token_if_any, with_key_file } from './acts.mjs';
import { sign_snapshot, write_decision, write_enrollment, write_snapshot } from './forged_files.mjs';

const NOBODY = /HTTP 403.*no operator with this key is enrolled/;
const NOT_THEIRS = /HTTP 403.*the signature is not of this key/;
const DECISION = 'control: POST /api/v1/approvals/decide unauthenticated';
const NO_PAGE = 'control: POST /api/v1/approvals/decide forbidden';  // neither a token nor a page of the console
const ENROLLMENT = 'control: POST /api/v1/operators unauthenticated';
const RELOAD = 'control: POST /api/v1/rules/reload unauthenticated';
const SIGN_IN = 'control: POST /api/v1/session unauthenticated';
const RESUME = 'override: POST /override/v1/resume';
const operators_file = ({ data }) => join(data, 'operator.pem');
const read_json = (file) => JSON.parse(readFileSync(file, 'utf8'));
const write_json = (file, value) => writeFileSync(file, JSON.stringify(value));

/** A key of its own that the agent finds again after a restart. */
const kept_file = ({ data }) => join(data, 'mallory.pem');
function kept_key(target) {
  const file = kept_file(target);
  if (!existsSync(file)) {
    writeFileSync(file, key_of().key.export({ type: 'pkcs8', format: 'pem' }), { mode: 0o600 });
  }
  return key_of(readFileSync(file));
}

/** The rules with one thing changed: what was denied is allowed. */
function widened(file) {
  const { set, rules } = read_json(file);
  return { set: { ...set, version: set.version + 1 },
           rules: rules.map((rule) => (rule.then === 'deny' ? { ...rule, then: 'allow' } : rule)) };
}
const reload = async (target) =>
  ask(`${target.control}/api/v1/rules/reload`, { token: token_if_any(target), body: {} });

/** Enrolled in whatever way, it approves with its own key. */
async function enroll_and_approve(target, own, statement) {
  const token = token_if_any(target);
  await each_of(() => ask(`${target.control}/api/v1/operators`, { token, body: { statement } }),
    () => decide(target, approval_by(own, target.approval), token));
}

const API = {
  'decide-without-the-control-token': { goal: 'held', kept: [DECISION], refused: /HTTP 401.*sign in first/,
    act: (target) => ask(`${target.people}/api/v1/approvals/decide`, { headers: { origin: target.people },
      body: { statement: approval_by(key_of(), target.approval) } }) },
  'decide-with-the-agents-key': { goal: 'held', kept: [DECISION], refused: /HTTP 401.*control token/,
    act: (target) => decide(target, approval_by(key_of(), target.approval), target.keys.a) },
  'decide-with-the-control-token': { goal: 'held', kept: [NO_PAGE], refused: NOBODY,
    act: (target) => decide(target, approval_by(key_of(), target.approval), token_if_any(target)) },
  'decide-in-an-operators-name': { goal: 'held', kept: [NO_PAGE], refused: NOT_THEIRS, act: (target) => decide(target,
    approval_by(key_of(), target.approval, { operator: 'ann', as: target.ann }), token_if_any(target)) },
  'decide-with-the-gateways-keys': { goal: 'held', kept: [NO_PAGE], refused: NOBODY, act: (target) => {
    const key = key_if_any(join(target.data, 'keys', 'instance.pem'));
    return decide(target, approval_by(key, target.approval, { operator: 'ann' }), token_if_any(target));
  } },
  'replay-an-old-approval': { goal: 'held', kept: [NO_PAGE], refused: /HTTP 409.*spent already/,
    act: (target) => decide(target, target.old, token_if_any(target)) },
  'say-in-the-call-that-it-is-approved': { goal: 'held', refused: /^it waits for/,
    recorded: 'task.denied', act: async (target) => {
    const { result } = await call(target.mcp, target.keys.a, 'held', { x: 1 },
      { 'pawl.record/approval': { id: target.approval.id, use: 1 }, 'pawl.approval': target.old });
    throw new Error(`it waits for ${result._meta['pawl.record/approval'].id}`);
  } },
  'decide-with-a-made-up-cookie': { goal: 'held', kept: [DECISION], refused: /HTTP 401.*sign in first/, act: (target) =>
    ask(`${target.people}/api/v1/approvals/decide`, { body: { statement: approval_by(key_of(), target.approval) },
      headers: { cookie: `pawl=${randomBytes(32).toString('base64url')}`, origin: target.people,
                 'x-pawl-csrf': randomBytes(32).toString('base64url') } }) },
};

const COMMANDS = {
  'approve-with-the-operators-key': { goal: 'held', kernel: true,
    act: (target) => run(target, ['approvals', 'approve', target.approval.id, '--key', operators_file(target)]) },
  'approve-with-a-key-of-its-own': { goal: 'held', kernel: true, refused: /exit 2.*is not enrolled/,
    act: (target) => with_key_file(key_of(), (file) =>
      run(target, ['approvals', 'approve', target.approval.id, '--key', file])) },
  'resume-with-the-operators-key': { goal: 'stopped', kernel: true,
    act: (target) => run(target, ['resume', target.stop.scope, '--key-file', operators_file(target)]) },
  'resume-with-a-key-of-its-own': { goal: 'stopped', kept: [`${RESUME} forbidden`], refused: NOBODY,
    act: (target) => resume(target, { statement: resume_by(key_of(), target.stop) }) },
  'resume-in-an-operators-name': { goal: 'stopped', kept: [`${RESUME} bad_signature`], refused: NOT_THEIRS,
    act: (target) => resume(target, { statement: resume_by(key_of(), target.stop, target.ann) }) },
  'resume-with-the-local-token': { goal: 'stopped', kept: [`${RESUME} invalid_params`],
    refused: /HTTP 400.*expected .*statement/, act: (target) => resume(target, { scope: target.stop.scope, stops: [target.stop.id] }, token_if_any(target, 'override')) },
  'sign-the-rules-with-the-operators-key': { goal: 'denied', kept: [RELOAD], act: (target) => each_of(
    () => {
      write_json(target.rules, widened(target.rules));
      run(target, ['rules', 'sign', '--key', operators_file(target)]);
    },
    () => reload(target)) },
};

const ENROLLING = {
  'enroll-itself-as-the-first': { goal: 'held', kept: [ENROLLMENT, NO_PAGE],
    refused: /HTTP 409.*enrolled already/, act: (target) => {
    const own = key_of();
    return enroll_and_approve(target, own, enrollment_by(own, own, { operator: 'mallory', bootstrap: true }));
  } },
  'enroll-itself-by-a-forged-admin': { goal: 'held', kept: [ENROLLMENT, NO_PAGE],
    refused: NOT_THEIRS, act: (target) => {
    const own = key_of();
    return enroll_and_approve(target, own, enrollment_by(own, own, { operator: 'ann', as: target.ann }));
  } },
  'enroll-itself-with-the-operators-key': { goal: 'held', kept: [ENROLLMENT, NO_PAGE], act: (target) => {
    const own = key_of();
    const ann = key_if_any(operators_file(target));
    return enroll_and_approve(target, own, enrollment_by(ann, own, { operator: 'ann' }));
  } },
  'enroll-itself-in-accounts-json': { goal: 'stopped', kept: [`${RESUME} forbidden`], found: true,
    files: ({ data }) => {
      const file = join(data, 'keys', 'accounts.json');
      const accounts = read_json(file);
      accounts.operators.push({ name: 'mallory', roles: ['operator', 'admin'], key: kept_key({ data }).jwk });
      write_json(file, accounts);
    },
    act: (target) => resume(target, { statement: resume_by(key_if_any(kept_file(target)), target.stop) }) },
  'begin-a-ledger-anew': { goal: 'held', kept: [ENROLLMENT], found: true, args: { x: 'anew' },
    files: ({ data }) => rmSync(join(data, 'ledger'), { recursive: true }),
    act: async (target) => {
      const own = key_of();
      const token = token_if_any(target);
      await ask(`${target.control}/api/v1/operators`, { token, body:
        { statement: enrollment_by(own, own, { operator: 'mallory', bootstrap: true }) } });
      const id = await held_call(target, 'a', { x: 'anew' });
      const approval = await ask(`${target.control}/api/v1/approvals/${id}`, { token });
      await decide(target, approval_by(own, approval), token);
    } },
};

const SIGNING_IN = {
  'make-an-account': { goal: 'itself', kept: [SIGN_IN], act: make_account },
  'approve-with-an-account-of-its-own': { goal: 'held', kept: [SIGN_IN, DECISION],
    refused: NOBODY, act: async (target) => {
    let session = { cookie: 'pawl=none', csrf: 'none' };
    await each_of(
      async () => {
        session = await make_account(target);
      },
      () => ask(`${target.people}/api/v1/approvals/decide`, {
        body: { statement: approval_by(key_of(), target.approval) },
        headers: { cookie: session.cookie, origin: target.people, 'x-pawl-csrf': session.csrf } }));
  } },
  'guess-a-password': { goal: 'itself', kept: [SIGN_IN],
    refused: /HTTP 401.*sign-in failed/, told: 'sign_in_refused', act: (target) =>
    ask(`${target.people}/api/v1/session`, { headers: { origin: target.people },
      body: { user: 'ann', password: 'correct horse battery staple', code: '000000' } }) },
};

const FILES = {
  'change-the-rules': { goal: 'denied', kept: [RELOAD],
    refused: /HTTP 403.*signature is of set/, act: (target) => each_of(
    () => write_json(target.rules, widened(target.rules)), () => reload(target)) },
  'write-the-rules-in-force': { goal: 'denied', kernel: true, refused: /does not start/, files: ({ data, rules }) => {
    const file = join(data, 'rules_in_force.json');
    const kept = read_json(file);
    const text = JSON.stringify(widened(rules));
    writeFileSync(file, JSON.stringify({ ...kept, files: kept.files.map((one) => ({ ...one, text })) }));
    writeFileSync(rules, text);
  } },
  'change-the-configuration': { goal: 'denied', kernel: true, files: ({ config, rules }) => {
    write_json(config, { ...read_json(config), rule_signatures: 'optional' });
    write_json(rules, widened(rules));
  } },
  'change-its-owner': { goal: 'held', kernel: true, caller: 'owned',
    files: ({ config }) => {
      const all = read_json(config);
      delete all.agents.owned.owner;
      write_json(config, all);
    },
    act: async (target) => {
      const id = await held_call(target, 'owned', { x: 1 });
      run(target, ['approvals', 'approve', id, '--key', operators_file(target)]);
    } },
  'write-the-snapshot': { goal: 'held', kernel: true, refused: /took no force/, files: write_snapshot },
  'sign-a-snapshot': { goal: 'held', kernel: true, found: true, files: sign_snapshot },
  'write-a-decision-into-the-ledger': { goal: 'held', kernel: true, found: true, files: write_decision },
  'write-an-enrollment-into-the-ledger': { goal: 'held', kept: [NO_PAGE], found: true,
    files: (target) => write_enrollment(target, kept_key(target)),
    act: (target) =>
      decide(target, approval_by(key_if_any(kept_file(target)), target.approval), token_if_any(target)) },
  'delete-the-journal': { goal: 'stopped', kernel: true, refused: /took no force/,
    files: ({ data }) => rmSync(join(data, 'override.journal')) },
  'delete-the-journal-and-the-ledger': { goal: 'stopped', kernel: true, found: true, files: ({ data }) => {
    rmSync(join(data, 'override.journal'));
    rmSync(join(data, 'ledger'), { recursive: true });
  } },
};

const PROCESSES = {
  'read-the-daemons-memory': { goal: 'itself', kernel: true, refused: /^EACCES/, act: ({ pid }) => {
    const start = parseInt(readFileSync(`/proc/${pid}/maps`, 'utf8').split('-')[0], 16);
    readSync(openSync(`/proc/${pid}/mem`, 'r'), Buffer.alloc(16), 0, 16, start);
  } },
  'write-the-daemons-memory': { goal: 'itself', kernel: true, refused: /^EACCES/,
    act: ({ pid }) => openSync(`/proc/${pid}/mem`, 'r+') },
  'read-the-daemons-environment': { goal: 'itself', kernel: true, refused: /^EACCES/,
    act: ({ pid }) => readFileSync(`/proc/${pid}/environ`) },
  'call-as-the-local-agent': { goal: 'itself', kernel: true, act: ({ data }) => say_hello(join(data, 'run', 'wrap.sock')) },
  'call-with-a-made-up-key': { goal: 'denied', refused: /HTTP 401.*no valid credential/, told: 'unauthenticated',
    act: (target) => call(target.mcp, randomBytes(24).toString('base64url'), 'denied') },
  'call-the-server-itself': { goal: 'denied', kernel: true, act: (target) =>
    call(target.server, readFileSync(target.secret, 'utf8').replace('Bearer ', ''), 'denied') },
};

export const WAYS = { ...API, ...COMMANDS, ...ENROLLING, ...SIGNING_IN, ...FILES, ...PROCESSES };
