// The statement that the browser composes is the one of docs/formats/approval.md, byte for byte; JSON is read as it is written.
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { test } from 'node:test';
import { digestOf, fromBase64url, toBase64url } from '../../console/src/proof/bytes.ts';
import { canonical } from '../../console/src/proof/canonical.ts';
import { changes, leaves, lineOf, nameOf, NotJson, rawOf, readExact } from '../../console/src/proof/exact_json.ts';
import { isOf, readBinding, readTerms, statementOf } from '../../console/src/proof/statement.ts';

const vector = JSON.parse(await readFile(new URL('../vectors/approval/statement.json', import.meta.url), 'utf8'));
const said = { instance: 'spiffe://example.org/pawl/gw1', approval: '019ab1c2-7d10-7c3e-9a54-2f6b8c1d0e11', binding: vector.binding,
  terms: vector.terms, owner: vector.owner,
  nonce: JSON.parse(vector.statement).nonce, decision: 'approve', executed: vector.binding.digest, uses: 1, expires: 1795464900,
  operator: 'ada', role: 'approver', key: vector.kid };

test('the test vector: binding digest, statement, challenge', async () => {
  assert.ok(await isOf(vector.params, vector.binding));
  assert.equal(await digestOf(canonical(vector.binding)), vector.binding_digest);
  assert.equal(await statementOf(said), vector.statement);
  assert.equal(await digestOf(await statementOf(said)), vector.digest);
});

test('a denial grants nothing, whatever was chosen', async () => {
  const denied = JSON.parse(await statementOf({ ...said, decision: 'deny', uses: 3, executed: 'x'.repeat(43) }));
  assert.deepEqual([denied.decision, denied.uses, denied.expires, denied.executed], ['deny', 0, 0, vector.binding.digest]);
});

test('another spelling of the arguments is not what was approved', async () => {
  for (const text of [vector.params.replace('993', '992'), `${vector.params} `, vector.params.replace('"n"', '"\\u006e"'), '']) {
    assert.equal(await isOf(text, vector.binding), false, text);
  }
});

test('terms with a member that would not be shown are not signed', () => {
  assert.deepEqual(readTerms(vector.terms), vector.terms);
  assert.throws(() => readTerms({ ...vector.terms, also: 1 }), /does not know: also/);
  assert.throws(() => readTerms({ ...vector.terms, of: '2' }), /no of/);
  assert.throws(() => readTerms({ ...vector.terms, roles: 'admin' }), /no roles/);
});

test('a binding with a member that would not be shown is not signed', () => {
  assert.throws(() => readBinding({ ...vector.binding, also: 'everything' }), /does not know: also/);
  assert.throws(() => readBinding({ ...vector.binding, policy: undefined }), /no policy/);
  assert.throws(() => readBinding({ ...vector.binding, workflow: 1 }), /not text/);
  assert.deepEqual(readBinding(vector.binding), vector.binding);
});

test('canonical JSON: order of code units, no spaces, no number that is not held', () => {
  assert.equal(canonical({ b: 1, a: { '\u20ac': 'x', '\ud83d\ude00': '\n' } }), '{"a":{"\u20ac":"x","\ud83d\ude00":"\\n"},"b":1}');
  assert.throws(() => canonical({ a: 0.5 }));
  assert.throws(() => canonical({ a: 2 ** 53 }));
  assert.throws(() => canonical({ a: '\ud800' }));
});

test('JSON as it is written: numbers keep their spelling, names stand once', () => {
  const text = '{"name":"deploy","arguments":{"n":9007199254740993,"f":1.0e+2,"list":[true,null,"\\u202e"],"none":{}}}';
  assert.deepEqual(leaves(readExact(text)).map(({ pointer, value }) => [pointer, rawOf(value)]), [
    ['/name', '"deploy"'], ['/arguments/n', '9007199254740993'], ['/arguments/f', '1.0e+2'], ['/arguments/list/0', 'true'],
    ['/arguments/list/1', 'null'], ['/arguments/list/2', '"\\u202e"'], ['/arguments/none', '{}']]);
  for (const bad of ['', '{', '{"a":1,"a":2}', '{"a":1,}', '[1 2]', '01', '1 2', '{"a":NaN}', "{'a':1}", '"\n"', `${'['.repeat(200)}`]) {
    assert.throws(() => readExact(bad), NotJson, bad);
  }
  assert.deepEqual(lineOf('a\nbc', 3), { line: 2, column: 2 });
});

test('what differs, by pointer', () => {
  const from = readExact('{"arguments":{"a":1,"b":"x","c":[1,2],"d~/":0}}'), to = readExact('{"arguments":{"a":1.0,"b":"x","c":[1],"e":{}}}');
  assert.deepEqual(changes(from, to), [{ pointer: '/arguments/a', from: '1', to: '1.0' }, { pointer: '/arguments/c/1', from: '2' },
    { pointer: '/arguments/d~0~1', from: '0' }, { pointer: '/arguments/e', to: '{}' }]);
});

test('two values never have one name', () => {
  const text = '{"name":"n","uri":1,"arguments":{"uri":2,"a":{"b":3,"":4},"a/b":5,"\\"a/b\\"":6,"~":7,"list":[8]}}';
  const names = leaves(readExact(text)).map(({ pointer }) => nameOf(pointer));
  assert.deepEqual(names, ['/name', '/uri', 'uri', 'a/b', 'a/""', '"a/b"', '"\\"a/b\\""', '~', 'list/0']);
  assert.equal(new Set(names).size, names.length);
  assert.deepEqual([nameOf(''), nameOf('/arguments')], ['params', 'arguments']);
});

test('base64url', () => {
  for (const size of [0, 1, 2, 3, 32, 33]) {
    const bytes = Uint8Array.from({ length: size }, (_, at) => (at * 37 + 251) % 256);
    assert.deepEqual(fromBase64url(toBase64url(bytes)), bytes);
  }
  for (const bad of ['a', 'a+b=', 'ab/c', 'ab=', 'a b', 'ab']) assert.equal(fromBase64url(bad), null, bad);
});
