// Chapter 4 of the story: a call is held for a person. Somebody at the terminal decides on it in the
// console or by command; where nobody is there, it is approved by command.

import { equal } from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { PAWL_BIN } from '../support/pawl.mjs';
import { code_of, from_base32 } from '../support/one_time_code.mjs';
import { wait_for } from '../support/wait.mjs';
import { command, output, renewed, say, table, title } from './terminal.mjs';

const ADMIN_KEY = 'pawl-data/operator.pem';
const PERSON = 'bob';
const POLL_MS = 1000;
const CLOSE = { call: 'close_ticket', arguments: { id: 1 } };

// As agents do: whoever is told that people have not decided yet comes again.
async function call_until_decided(stage, agent) {
  let line;
  do {
    line = await stage.step(agent, 'close_ticket #1', CLOSE, { wait_shown: line === undefined });
  } while (line.waits);
  return line;
}

async function held_call(stage) {
  const [{ id }] = await wait_for('the held call', async () => {
    const [{ approvals }] = await stage.json('approvals', 'list');
    return approvals.length > 0 ? approvals : undefined;
  });
  await stage.pawl(['approvals', 'list'], { shows: [id.slice(0, 8)] });
  return id;
}

/** @returns {Promise<Buffer>} the secret of one-time codes */
async function make_account(stage) {
  const password = randomBytes(8).toString('hex').match(/.{4}/g).join('-');
  await writeFile(join(stage.folder, 'password.txt'), `${password}\n`, { mode: 0o600 });
  say(`Who decides this time is you: ${PERSON}, with an account of this gateway.`);
  command('cat', 'password.txt');
  output(password);
  const text = await stage.pawl(['account', 'add', PERSON, '--grant', 'approver'],
    { input_file: 'password.txt', shows: ['otpauth:'] });
  return from_base32(/secret=([A-Z2-7]+)/.exec(text)[1]);
}

function explain(stage, id, wait_s) {
  if (process.env.SSH_CONNECTION !== undefined) {
    const { port } = new URL(stage.console);
    say('You are here by ssh. First, on the machine where your browser is:');
    command('ssh', '-L', `${port}:127.0.0.1:${port}`, hostname());
  }
  say('Open this page in a browser:');
  output(`${stage.console}/console/`);
  table([['sign in', `${PERSON}, the password above, and the one-time code below`],
         ['Account', '"Make a passkey on this device": fingerprint, PIN, security key or phone'],
         ['', 'then look here: the demo has it enrolled'],
         ['Approvals', 'open the call: "Approve with passkey" or "Deny with passkey"']]);
  say('Or, without a browser, in another terminal (or deny in place of approve):');
  command('cd', stage.folder);
  command(PAWL_BIN, 'approvals', 'approve', id);
  say(`The call waits for you, for ${Math.ceil(wait_s / 60)} minutes at most; then the demo denies
    it. You need no app for the codes: the demo shows them, and each opens one session.`);
}

// What a new passkey needs before it decides on anything.
async function enroll(stage, { kid }) {
  say(`You made a passkey. It decides on nothing until an admin enrolls it. Here the demo plays that
    admin, with ann's key, which lies in the demo's folder; in earnest ann sits elsewhere, and asks
    you first which name your browser showed.`);
  await stage.pawl(['operators', 'enroll', PERSON, '--roles', 'approver', '--passkey', kid,
                    '--by-key', ADMIN_KEY], { shows: [kid] });
  say('The page notices. Go to Approvals, and decide.');
}

async function wait_for_person(stage, id, secret, decided, wait_s) {
  const ends = performance.now() + wait_s * 1000;
  let shown;
  let enrolled = false;
  for (;;) {
    if (await Promise.race([decided, delay(POLL_MS)]) !== undefined) {
      return;
    }
    const [{ candidates }] = await stage.json('operators', 'list');
    for (const passkey of candidates) {
      await enroll(stage, passkey);
      enrolled = true;
    }
    if (!enrolled && code_of(secret) !== shown) {
      shown = code_of(secret);
      renewed(`one-time code  ${shown}`);
    }
    if (performance.now() > ends) {
      say('Nobody decided in time. A call that nobody wants is denied:');
      await stage.pawl(['approvals', 'deny', id], { shows: ['denied'] });
      return;
    }
  }
}

async function decide_in_console(stage, id, decided, wait_s) {
  const secret = await make_account(stage);
  explain(stage, id, wait_s);
  await wait_for_person(stage, id, secret, decided, wait_s);
}

/**
 * @param {{wait_s?: number}} [person] how long to wait for somebody at the terminal; without it,
 *   nobody is there
 */
export async function held(stage, { tickets }, person) {
  title('4. A person decides');
  say(`Closing a ticket is held for a person. Who may decide is enrolled in the ledger; the key is the
    person's, and the server has none like it.`);
  await stage.pawl(['operators', 'enroll', 'ann', '--bootstrap', '--roles', 'admin,approver',
    '--key', ADMIN_KEY], { shows: ['ann'] });
  say('The writer closes the ticket, and its call waits:');
  const decided = call_until_decided(stage, tickets);
  const id = await held_call(stage);
  const [answer] = await Promise.all([decided, person === undefined
    ? stage.pawl(['approvals', 'approve', id], { shows: ['close_ticket', '/arguments/id'] })
    : decide_in_console(stage, id, decided, person.wait_s)]);
  if (person !== undefined) {
    say('Who decided, and with which key, stands in the ledger:');
    await stage.pawl(['ledger', 'query', '--kind', 'approval.decided']);
  }
  command('cat', 'tickets.json');
  const text = await stage.file('tickets.json');
  output(text);
  equal(text.includes('closed'), answer.outcome === 'ok', 'the ticket is as was decided');
  say(answer.outcome === 'ok'
    ? 'The approval was for these arguments, once. The next ticket is another question.'
    : 'The ticket stays open, and the agent was told why.');
}
