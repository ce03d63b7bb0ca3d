import assert from 'node:assert/strict';
import { type CookieJar, cookieHeader, withCookies } from '../../src/dialects/cookie-jar.js';
import { response } from '../support/response.js';

const after = (jar: CookieJar, ...cookies: readonly string[]): CookieJar =>
  withCookies(jar, response(200, '', { 'set-cookie': cookies }));

describe('a cookie jar', () => {
  it('keeps several cookies of one response, and replaces those it has', () => {
    assert.deepEqual(after({ a: '1' }, 'a=2; Path=/; Secure', 'b=x=y'), { a: '2', b: 'x=y' });
  });

  it('drops what the server ends', () => {
    assert.deepEqual(after({ a: '1', b: '2' }, 'a=; Max-Age=0; Path=/'), { b: '2' });
  });

  it('takes nothing that could become another header', () => {
    assert.deepEqual(after({}, 'a=b\r\nX-Evil: 1', 'sp ace=1', '=x', 'nothing'), {});
  });

  it('sends no header when it is empty', () => {
    assert.deepEqual(cookieHeader({}), {});
    assert.deepEqual(cookieHeader({ a: '1', b: '2' }), { cookie: 'a=1; b=2' });
  });
});
