// Certificates and SPIFFE bundles as an operator of a trust domain makes them, with the openssl
// program.

import { execFile } from 'node:child_process';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);
const CA_FORM = 'basicConstraints=critical,CA:TRUE\nkeyUsage=critical,keyCertSign,cRLSign\n';
const LEAF_FORM = 'basicConstraints=critical,CA:FALSE\nkeyUsage=critical,digitalSignature\n'
  + 'extendedKeyUsage=clientAuth,serverAuth\n';

/** A folder of keys and certificates. */
export class Authority {
  /** @param {string} folder @param {string} name of the authority, and of its files */
  static async make(folder, name) {
    const authority = new Authority();
    authority.folder = folder;
    authority.name = name;
    authority.certificate = await authority.#make(name, CA_FORM, []);
    return authority;
  }

  /**
   * @param {string} name of the files @param {string} san for example "URI:spiffe://a.example/web"
   * @param {{form?: string, days?: string}} [more]
   * @returns {Promise<{cert: Buffer, key: Buffer}>} as node:https takes them
   */
  async issue(name, san, { form = LEAF_FORM, days = '30' } = {}) {
    const file = (end) => join(this.folder, `${name}${end}`);
    await this.#make(name, `${form}subjectAltName=${san}\n`,
      ['-CA', join(this.folder, `${this.name}.pem`), '-CAkey', join(this.folder, `${this.name}.key`),
       '-CAcreateserial'], days);
    return { cert: await readFile(file('.pem')), key: await readFile(file('.key')) };
  }

  /** An authority that this one signed. @param {string} name */
  async issue_authority(name) {
    const below = new Authority();
    [below.folder, below.name] = [this.folder, name];
    const { cert } = await this.issue(name, `URI:spiffe://${name}.example`, { form: CA_FORM });
    below.certificate = cert.toString();
    return below;
  }

  async #make(name, form, signer, days = '30') {
    const file = (end) => join(this.folder, `${name}${end}`);
    await writeFile(file('.ext'), form);
    await run('openssl', ['req', '-new', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256',
      '-nodes', '-subj', `/CN=${name}`, '-keyout', file('.key'), '-out', file('.csr')]);
    await run('openssl', ['x509', '-req', '-in', file('.csr'), '-days', days, '-extfile',
      file('.ext'), '-out', file('.pem'),
      ...signer.length > 0 ? signer : ['-signkey', file('.key')]]);
    return readFile(file('.pem'), 'utf8');
  }

  /** Its entry in a SPIFFE bundle. */
  entry() {
    return { kty: 'EC', use: 'x509-svid', x5c: [der_of(this.certificate).toString('base64')] };
  }
}

/** @param {string|Buffer} pem of one certificate @returns {Buffer} */
export const der_of = (pem) =>
  Buffer.from(`${pem}`.replaceAll(/-----[A-Z ]+-----|\s/g, ''), 'base64');

/** An authority whose key may sign in TLS, too: what no caller may show. */
export const AUTHORITY_FORM =
  'basicConstraints=critical,CA:TRUE\nkeyUsage=critical,digitalSignature,keyCertSign\n';

/** @param {number} sequence @param {object[]} keys */
export const bundle = (sequence, keys) =>
  JSON.stringify({ keys, spiffe_sequence: sequence, spiffe_refresh_hint: 60 });
