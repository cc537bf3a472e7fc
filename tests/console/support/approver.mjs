// The program with people who decide in a browser: fixed ports, so that a page and a client find it again after a
// restart; each person with an account, a page of their own, and a passkey that the first operator enrolled.
//
//   const program = await Program.start({ rules, servers: {...} });
//   const bob = await Approver.join(program, browser, 'bob');
//   await bob.open(`${program.address}/console/approvals/${id}`);
//   await bob.approve();

import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { free_port } from '../../e2e/support/free_port.mjs';
import { Pawl } from '../../e2e/support/pawl.mjs';
import { enroll } from '../../e2e/support/people.mjs';
import { PASSWORD, Person } from '../../e2e/support/signed_in.mjs';
import { empty_authenticator } from './browser.mjs';

const SLOW_MS = 60_000;    // a password is hashed slowly, on purpose

export class Program {
  /** @param {import('../../e2e/support/pawl.mjs').Options} options `config.approval`: besides the address */
  static async start({ config: { approval, ...config } = {}, ...options }) {
    const program = new Program();
    const [data, control] = [await free_port(), await free_port()];
    program.address = `http://localhost:${control}`;
    program.pawl = await Pawl.start({ init: true, ...options, config: {
      listen: `127.0.0.1:${data}`, control: `127.0.0.1:${control}`, sign_in: {}, ...config,
      approval: { address: `${program.address}/console/approvals`, ...approval } } });
    const [first] = await enroll(program.pawl, 'ann');
    return program.#of(first);
  }

  /** One that runs already, with the first operator of enroll(). */
  static async around(pawl, first) {
    const program = Object.assign(new Program(), { pawl, address: pawl.addresses.control.replace('127.0.0.1', 'localhost') });
    return program.#of(first);
  }

  async #of(first) {
    this.admin_key = join(this.pawl.folder, 'ann.pem');
    await writeFile(this.admin_key, first.pem, { mode: 0o600 });
    return this;
  }

  /** A command of pawl that has to succeed. */
  async command(...words) {
    const { code, stdout, stderr } = await this.pawl.run([...words, '--config', this.pawl.config_file]);
    assert.equal(code, 0, stderr + stdout);
    return stdout;
  }

  /** kill -9, and a start on the same data and ports. */
  async kill_and_start() {
    await this.pawl.kill();
    await this.pawl.serve();
  }

  close() { return this.pawl.close(); }
}

/** A person at a page: what they do, they do by its buttons. */
export class Approver {
  /** How often this person signed. */
  signed = 0;

  /** Signs in for the first time, makes a passkey, and has it enrolled by the command that the page says. */
  static async join(program, browser, name, { grants = ['approver'], roles = 'approver', page } = {}) {
    const approver = Object.assign(new Approver(), { program, name });
    const account = await Person.add(program.pawl, name, ...grants);
    page ??= await browser.page();
    page.context().setDefaultTimeout(15_000);
    approver.page = page;
    await empty_authenticator(page);
    await page.goto(`${program.address}/console/account`);
    await page.getByLabel('Name').fill(name);
    await page.getByLabel('Password').fill(PASSWORD);
    await page.getByLabel('One-time code').fill(account.code({ lasting: true }));
    await page.getByRole('button', { name: 'Sign in with the code' }).click();
    await page.getByRole('heading', { name: 'Account' }).waitFor({ timeout: SLOW_MS });
    await page.getByRole('button', { name: 'Make a passkey on this device' }).click();
    const command = await page.locator('.enroll code').innerText();
    assert.match(command, /^pawl operators enroll [\w-]+ --roles approver --passkey [\w-]{43} --by-key admin\.pem$/);
    const [, ...words] = command.split(' ');
    await program.command(...words.map((word) => ({ 'admin.pem': program.admin_key, approver: roles })[word] ?? word));
    await page.reload();
    await page.getByRole('cell', { name: 'approver' }).waitFor();
    return approver;
  }

  /** Where the page says that this person is signed out: a restart ends sessions, and no passkey. */
  async sign_in_again() {
    const { page } = this;
    await page.getByLabel('Name').fill(this.name);
    await page.getByLabel('Password').fill(PASSWORD);
    await page.getByRole('button', { name: 'Use a passkey instead' }).click();
    await page.getByLabel('Password').waitFor({ state: 'detached', timeout: SLOW_MS });
  }

  /** Looks at a call that waits, at this address, until its arguments are checked. */
  async open(url) {
    await this.page.goto(url);
    await this.sees_arguments();
  }

  /** Those that were asked, checked; or those of who signed before. */
  sees_arguments() { return this.page.locator('.checked, #changed').first().waitFor(); }

  /** Goes to the list, and to this call of it. */
  async choose(id) {
    const { page } = this;
    await page.goto(`${this.program.address}/console/approvals`);
    await page.locator(`a.call[href$="/${id}"]`).click();
    await this.sees_arguments();
  }

  async approve({ as_changed = false } = {}) {
    await this.page.getByRole('button', { name: as_changed ? 'Approve the change with passkey' : 'Approve with passkey' }).click();
    this.signed += 1;
  }

  async deny() {
    await this.page.getByRole('button', { name: 'Deny with passkey' }).click();
    this.signed += 1;
  }

  /** Approves other arguments: `change` makes the text that may go out of the text that was asked. */
  async approve_changed(change) {
    const { page } = this;
    await page.getByRole('button', { name: 'Change the arguments first' }).click();
    const editor = page.getByLabel('The exact text that may go out');
    await editor.fill(change(await editor.inputValue()));
    await page.getByRole('button', { name: 'Use these arguments' }).click();
    await page.getByRole('heading', { name: 'Your change, not signed yet' }).waitFor();
    await page.getByRole('button', { name: 'Approve the change with passkey' }).click();
    this.signed += 1;
  }

  async sees_it_decided() {
    await this.page.getByRole('heading', { name: 'Decided' }).waitFor();
    assert.equal(await this.page.getByRole('alert').filter({ hasText: 'refused' }).count(), 0);
  }
}
