import type { HttpRequest, HttpResponse } from '../shell/http-request.js';

/** One request and its answer, without a login. The extra headers have lower-case names and win. */
export type Exchange = (
  request: Omit<HttpRequest, 'auth'>,
  signal: AbortSignal,
  headers?: Readonly<Record<string, string>>,
) => Promise<HttpResponse>;
