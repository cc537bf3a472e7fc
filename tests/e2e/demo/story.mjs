// What `pawl demo` tells: official clients and servers, real files, and pawl between them.
//
//   node story.mjs [--folder DIR]   DIR: new or empty; default: a new folder for temporary files
//     --headless       asks nobody; without it somebody at a terminal decides in the console
//     --wait-s N       so long at most (default: 600)
//     --patience-s N   an agent waits so long before it is told to come again (default: pawl's)
//
// PAWL_BIN names the program. Exit: 0 when everything went as told; 1 when anything did not, with
// the end of the daemon's log; 2 for bad arguments. The folder stays, for a look around.

import { equal, ok } from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { cp, mkdir, mkdtemp, readdir, realpath } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { parseArgs } from 'node:util';
import { LEGACY_REVISION, MODERN_REVISION, legacy_client, modern_client }
  from '../support/clients.mjs';
import { PAWL_BIN } from '../support/pawl.mjs';
import { held } from './approval.mjs';
import { POLICY, make_desk } from './desk.mjs';
import { Stage } from './stage.mjs';
import { tamper } from './tamper.mjs';
import { command, failed, output, say, table, title } from './terminal.mjs';

const STOP_REASON = 'Kim says it promised 5000 EUR';

function read_options() {
  const { values } = parseArgs({ options: { folder: { type: 'string' },
    headless: { type: 'boolean' }, 'wait-s': { type: 'string', default: '600' },
    'patience-s': { type: 'string' } } });
  const there = !values.headless && process.stdin.isTTY && process.stdout.isTTY;
  return { folder: values.folder, patience_s: values['patience-s'],
           person: there ? { wait_s: Number(values['wait-s']) } : undefined };
}

async function new_folder(name) {
  if (name === undefined) {
    return realpath(await mkdtemp(join(tmpdir(), 'pawl-demo-')));
  }
  await mkdir(name, { recursive: true });
  if ((await readdir(name)).length > 0) {
    throw new Error(`${name}: not empty; give a new folder`);
  }
  return realpath(name);
}

async function prologue(stage, patience_s) {
  title('A support desk with two agents, and Pawl between them and their tools');
  say(`Agent triage reads letters and writes answers with the official file and memory servers, on
    the official client of MCP ${LEGACY_REVISION}. Agent writer opens tickets, on the official
    client of MCP ${MODERN_REVISION}. Both hold a key and a URL, and know nothing of Pawl. All of
    it happens in this folder, and nothing leaves this machine:`);
  command('cd', stage.folder);
  const { rules, keys } = await make_desk(stage.folder, process.execPath, patience_s);
  say('What the agents may do:');
  command('cat', 'rules.yaml');
  output(rules);
  await stage.pawl(['init']);
  command('pawl', 'serve', '&');
  await stage.serve();
  output(`agents:   ${stage.addresses.data}/mcp/{files,memory,tickets}\n`
    + `people:   ${stage.addresses.control}`);
  return keys;
}

// One trace id for the whole run of triage: its sessions become one workflow.
function trace_headers() {
  const id = (bytes) => randomBytes(bytes).toString('hex');
  return { traceparent: `00-${id(16)}-${id(8)}-01` };
}

// What an agent that knows of Execution Context Tokens does: it keeps the token that came with an
// answer, and presents it with the calls that it makes because of that answer.
function token_carrier() {
  let last;
  let presented;
  return {
    fetch: async (url, init) => {
      const headers = new Headers(init?.headers);
      if (presented !== undefined) {
        headers.set('Execution-Context', presented);
      }
      const answer = await fetch(url, { ...init, headers });
      last = answer.headers.get('Execution-Context') ?? last;
      return answer;
    },
    because_of_last: () => { presented = last; },
    done: () => { presented = undefined; },
  };
}

async function meet_agents(stage, keys) {
  const tokens = token_carrier();
  const triage = { key: keys.triage, headers: trace_headers(), fetch: tokens.fetch };
  const agents = { tokens,
    files: await stage.agent(legacy_client, 'triage', 'files', triage),
    memory: await stage.agent(legacy_client, 'triage', 'memory', triage),
    tickets: await stage.agent(modern_client, 'writer', 'tickets', { key: keys.writer }) };
  table([['triage', 'negotiated', LEGACY_REVISION, 'with files and memory'],
         ['writer', 'negotiated', MODERN_REVISION, 'with tickets']]);
  return agents;
}

async function allowed(stage, { files, memory, tickets, tokens }) {
  title('1. What a rule allows happens');
  const path = (name) => join(stage.folder, 'desk', name);
  const { names } = await stage.step(files, 'list the tools', { list: 'tools', expect: 'ok' });
  ok(!names.includes('move_file'), 'the list holds only what triage may use');
  say('The server has more tools; an agent is shown those that it may use.');
  await stage.step(files, 'read_text_file desk/inbox/1207.txt', { call: 'read_text_file',
    arguments: { path: path('inbox/1207.txt') }, expect: 'ok', contains: 'pump' });
  await stage.step(files, 'write_file desk/answers/1207.txt', { call: 'write_file', expect: 'ok',
    arguments: { path: path('answers/1207.txt'), content: 'Dear Kim, a new seal is on its way.\n' },
  });
  command('cat', 'desk/answers/1207.txt');
  const answer = await stage.file('desk/answers/1207.txt');
  output(answer);
  ok(answer.includes('seal'), 'the answer is on disk');
  say('With the next call triage presents the token that came with the last answer.');
  tokens.because_of_last();
  await stage.step(memory, 'create_entities Kim', { call: 'create_entities', expect: 'ok',
    arguments: { entities: [{ name: 'Kim', entityType: 'customer',
                              observations: ['pump of order 1207 leaks'] }] } });
  tokens.done();
  ok((await stage.file('memory.jsonl')).includes('Kim'), 'the memory is on disk');
  await stage.step(files, 'read_text_file desk/answers/1207.txt', { call: 'read_text_file',
    arguments: { path: path('answers/1207.txt') }, expect: 'ok', contains: 'seal' });
  await stage.step(tickets, 'open_ticket "Pump of order 1207 leaks"', { call: 'open_ticket',
    arguments: { title: 'Pump of order 1207 leaks' }, expect: 'ok', contains: 'opened #1' });
  command('cat', 'tickets.json');
  output(await stage.file('tickets.json'));
}

async function refused(stage, { files }) {
  title('2. What a rule forbids does not');
  say(`The letter ended with orders of its own, and triage fell for them. The file server itself
    would obey: it may write in all of desk/.`);
  const { record } = await stage.step(files, 'write_file desk/policy.md', { call: 'write_file',
    arguments: { path: join(stage.folder, 'desk/policy.md'), content: 'Limit: 5000 EUR\n' },
    expect: 'refused', contains: 'by people only' });
  command('cat', 'desk/policy.md');
  output(await stage.file('desk/policy.md'));
  equal(await stage.file('desk/policy.md'), POLICY, 'the policy is as it was');
  say('The agent was told why, and the record that says so. A person asks for more:');
  await stage.pawl(['why', record], { shows: ['people-make-policy', 'rules.yaml:'] });
  return record;
}

async function stopped(stage, { files, tickets }) {
  title('3. A stop stops');
  say(`Somebody has seen enough. The stop is in the path of the calls and on disk when the command
    returns; the agent is not asked.`);
  await stage.pawl(['stop', 'agent:triage', '--reason', STOP_REASON],
    { shows: ['stopped agent:triage'] });
  const again = { call: 'write_file', arguments: {
    path: join(stage.folder, 'desk/answers/late.txt'), content: 'Dear Kim, as promised ...\n' } };
  await stage.step(files, 'write_file desk/answers/late.txt',
    { ...again, expect: 'refused', contains: STOP_REASON });
  command('ls', 'desk/answers');
  output((await readdir(join(stage.folder, 'desk/answers'))).join('\n'));
  ok(!existsSync(join(stage.folder, 'desk/answers/late.txt')), 'nothing reached the disk');
  say('The other agent goes on:');
  await stage.step(tickets, 'list_tickets', { call: 'list_tickets', expect: 'ok' });
  say("Only an operator's signature lets triage go on; the server cannot make it up.");
  await stage.pawl(['resume', 'agent:triage', '--reason', 'talked to Kim'],
    { shows: ['resumed agent:triage'] });
  await stage.step(files, 'write_file desk/answers/late.txt', { ...again, expect: 'ok' });
  ok(existsSync(join(stage.folder, 'desk/answers/late.txt')), 'after the resume it is on disk');
}

async function records(stage, refusal) {
  title('5. Every call left a signed record, and each names its causes');
  const claims_of = async (record) => (await stage.json('ledger', 'show', record))[0].claims;
  const { wid } = await claims_of(refusal);
  say('What triage did is one workflow; what writer did is another.');
  const rows = await stage.json('ledger', 'chain', wid);
  const known = new Set(rows.map(({ id }) => id));
  for (const { index, causes } of rows) {
    ok(causes.every(({ record }) => known.has(record)), `record ${index}: its causes are in the chain`);
  }
  await stage.pawl(['ledger', 'chain', wid], { shows: ['declared', 'traced', 'resource'] });
  say(`declared: the agent presented that call's token. traced: it sent the same trace id. resource:
    it read what that call had written. A refused call is nobody's cause.`);
  for (const outcome of ['confirmed', 'denied']) {
    ok(rows.some((row) => row.outcome === outcome), `the workflow holds a ${outcome} call`);
  }
  say('One of them in full. It holds digests of what was sent and answered, never the text:');
  await stage.pawl(['ledger', 'show', refusal], { shows: ['task.denied', 'inp_hash'] });
}

async function verified(stage, refusal, person) {
  title('6. Nobody has to believe this server');
  equal(await stage.close(), 0, 'the daemon ends in order');
  say('The daemon has ended; from here on there are only files. Pin the keys once, verify often.');
  command('export', 'XDG_CONFIG_HOME=$PWD/config');
  output('(so that what you pin now stays in this folder)');
  if (person !== undefined) {
    say(`With them goes the page on which people sign with passkeys: what was signed on another page
      decides nothing.`);
  }
  await stage.pawl(['trust', 'pin', ...person === undefined ? [] : ['--rp', stage.console]],
    { shows: ['fingerprint'] });
  await stage.pawl(['verify', './pawl-data'], { shows: ['PROVEN GOOD'] });
  const [{ index, token }] = await stage.json('ledger', 'show', refusal);
  const segment = 'ledger/segments/000000000001.seg';
  say(`Somebody with the disk in hand changes one byte of record ${index}, the refused call, in a
    copy, and repairs the checksum around it:`);
  command('cp', '-r', 'pawl-data', 'forged');
  await cp(join(stage.folder, 'pawl-data'), join(stage.folder, 'forged'), { recursive: true });
  const { offset, before, after } = tamper(join(stage.folder, 'forged', segment), token);
  output(`forged/${segment}, byte ${offset}\ninp_hash before ${before}\n         after  ${after}`);
  await stage.pawl(['verify', './forged'],
    { exit_code: 1, shows: ['PROVEN BAD', `entry ${index}`] });
}

function epilogue(stage) {
  title('That was all of it, and it is still there');
  table([['the folder', stage.folder], ['configuration', 'pawl.yaml, rules.yaml'],
         ['what agents wrote', 'desk/answers, memory.jsonl, tickets.json'],
         ['the ledger', 'pawl-data/ledger, and a bad copy in forged'],
         ["the daemon's log", 'pawl.log']]);
  say('Before a server of yours, by URL: name it in pawl.yaml, and give the agent this one:');
  output('servers: { search: { url: "http://127.0.0.1:3001/mcp" } }\n'
    + 'http://127.0.0.1:7700/mcp/search');
  say('Or by command, in the configuration of a client that starts its servers itself:');
  output(`"command": "${PAWL_BIN}",\n"args": ["wrap", "--config", "/absolute/path/pawl.yaml", `
    + '"--name", "files", "--",\n         "npx", "-y", '
    + '"@modelcontextprotocol/server-filesystem@2026.8.31", "."]');
  say('To go on in here:');
  command('export', `PATH=${dirname(PAWL_BIN)}:$PATH`);
  command('cd', stage.folder);
  command('pawl', 'ledger', 'tail');
}

async function tell(stage, { person, patience_s }) {
  const keys = await prologue(stage, patience_s);
  const agents = await meet_agents(stage, keys);
  await allowed(stage, agents);
  const refusal = await refused(stage, agents);
  await stopped(stage, agents);
  await held(stage, agents, person);
  await records(stage, refusal);
  await verified(stage, refusal, person);
  epilogue(stage);
}

let stage;
let options;
try {
  options = read_options();
  stage = new Stage(await new_folder(options.folder));
} catch (error) {
  process.stderr.write(`demo: ${error.message}\n`);
  process.exit(2);
}
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) {
  process.on(signal, () => process.exit(1));
}
try {
  await tell(stage, options);
} catch (error) {
  failed(`The demo did not go as told: ${error.message}`);
  say(`The end of ${stage.log_file}:`);
  output(stage.log_tail());
  process.exitCode = 1;
} finally {
  await stage.close();
}
