import type { HttpResponse } from '../../src/shell/http-request.js';

/** A response as a host would give it. */
export const response = (
  status: number,
  body: string | object = '',
  headers: HttpResponse['headers'] = {},
): HttpResponse => ({
  status,
  headers: { 'content-type': typeof body === 'string' ? 'text/html' : 'application/json', ...headers },
  body: Buffer.from(typeof body === 'string' ? body : JSON.stringify(body)),
  truncated: false,
});
