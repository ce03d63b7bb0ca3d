import { decodeJwt, decodeProtectedHeader, generateKeyPair, SignJWT } from 'jose';

/** A token that Prosody must not take, made from one that it takes. */
export interface FalseToken {
  /** As in `lets people in who bring …`. */
  readonly what: string;
  readonly token: string;
}

/** Tokens that were never signed by the realm. All claims are right, so only the signature speaks against them. */
export async function falseTokens(real: string): Promise<readonly FalseToken[]> {
  return [
    { what: 'a forged token', token: await forged(real, {}) },
    { what: 'a tampered token', token: tampered(real) },
    { what: 'an unsigned token', token: unsigned(real) },
  ];
}

/** A forged token that names a key which nobody has. Jitsi's plugin never answers to it. */
export const ofUnknownKey = (real: string): Promise<string> => forged(real, { kid: 'orchestrate-proof' });

/** One key for all forgeries of this process: making one takes longer than all the rest. */
let ownKey: ReturnType<typeof generateKeyPair> | undefined;

/** Signed by a key that is not the realm's, under the name of one that is. */
async function forged(real: string, changed: { readonly kid?: string }): Promise<string> {
  ownKey ??= generateKeyPair('RS256');
  const { privateKey } = await ownKey;
  const header = { ...decodeProtectedHeader(real), alg: 'RS256', ...changed };
  return new SignJWT(decodeJwt(real)).setProtectedHeader(header).sign(privateKey);
}

/** Other words under the real signature. */
function tampered(real: string): string {
  const [head = '', , signature = ''] = real.split('.');
  const claims = { ...decodeJwt(real), sub: '00000000-0000-0000-0000-000000000000', name: 'tampered' };
  return [head, encoded(claims), signature].join('.');
}

/** RFC 7515: algorithm `none`, and no signature. */
function unsigned(real: string): string {
  return [encoded({ ...decodeProtectedHeader(real), alg: 'none' }), real.split('.')[1] ?? '', ''].join('.');
}

const encoded = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url');
