import { X509Certificate } from 'node:crypto';
import { z } from 'zod';
import { clientIn, findClient } from '../dialects/keycloak/client.js';
import { readRealm } from '../dialects/keycloak/realm.js';
import { type Identified, manyIdentified } from '../dialects/keycloak/representation.js';
import type { KeycloakServer } from '../dialects/keycloak/server.js';
import { findUser, userIn } from '../dialects/keycloak/user.js';
import { bodyText, glimpse, header } from '../dialects/web-site.js';
import { attempt, known, type Probe } from '../probe/probe.js';
import type { HttpRequest, HttpResponse } from '../shell/http-request.js';
import type { Answer, ClientFacts, KeycloakFacts, Known, RealmFacts, UserFacts } from './facts.js';

/** Nobody waits long for a reason. */
const patienceMs = 5000;

const unasked: Answer = { status: null, said: 'not asked', issuer: null, clockSeconds: null };

/** Asks an address for its answer; null: there is no address to ask. */
export const readAnswer = (request: HttpRequest | null): Probe<Answer> =>
  request === null ? known(unasked) : attempt({ ...request, timeoutMs: patienceMs }, answerOf);

/** Asks for keys, and since when the newest of them is there. */
export const readKeys = (request: HttpRequest | null): Probe<KeycloakFacts['keys']> =>
  request === null
    ? known({ ...unasked, newestKeyAt: null })
    : attempt({ ...request, timeoutMs: patienceMs }, (response) => ({
        ...answerOf(response),
        newestKeyAt: typeof response === 'string' ? null : newestKey(response),
      }));

function answerOf(response: HttpResponse | string): Answer {
  if (typeof response === 'string') return { ...unasked, said: response };
  const at = Date.parse(header(response, 'date') ?? '');
  const issuer = z.object({ issuer: z.string().max(500) }).safeParse(jsonOf(response));
  return {
    status: response.status,
    said: glimpse(response),
    issuer: issuer.data?.issuer ?? null,
    clockSeconds: Number.isNaN(at) ? null : at / 1000,
  };
}

const keySet = z.object({
  keys: z.array(z.object({ use: z.string().optional(), x5c: z.array(z.string()).optional() })).max(100),
});

/** Keycloak makes a certificate with each key, and lets it begin so much earlier (CertificateUtils, 26.7.3). */
const backdatedSeconds = 100;

function newestKey(response: HttpResponse): number | null {
  const keys = keySet.safeParse(jsonOf(response)).data?.keys ?? [];
  const times = keys.filter(({ use }) => use !== 'enc').flatMap(({ x5c }) => madeAt(x5c?.[0]));
  return times.length === 0 ? null : Math.max(...times);
}

function madeAt(certificate: string | undefined): readonly number[] {
  if (certificate === undefined) return [];
  try {
    const { validFrom } = new X509Certificate(Buffer.from(certificate, 'base64'));
    return [Date.parse(validFrom) / 1000 + backdatedSeconds];
  } catch {
    return [];
  }
}

/** Who is asked about whom, as the admin. */
export interface AdminQuestion {
  readonly server: KeycloakServer;
  readonly realm: string;
  readonly clientId: string;
  readonly username: string | null;
}

/** Asks the admin API for the fields that bear on signing in, and for no others. */
export const adminProbes = (question: AdminQuestion | null) => ({
  realm: question === null ? known(null) : fields(readRealm(question), realmIn),
  client:
    question === null
      ? known(null)
      : fields(findClient(question), (json) => clientFacts(json, question.clientId)),
  user: question?.username == null ? known(null) : userProbe({ ...question, username: question.username }),
});

const userProbe = (question: Omit<AdminQuestion, 'username'> & { readonly username: string }) =>
  fields(findUser(question), (json) => userFacts(json, question.username));

function fields<T>(request: HttpRequest, read: (json: unknown) => Known<T>): Probe<Known<T>> {
  return attempt({ ...request, timeoutMs: patienceMs }, (response) => {
    if (typeof response === 'string') return null;
    if (response.status === 404) return 'absent';
    return response.status === 200 ? read(jsonOf(response)) : null;
  });
}

const realmSchema = z.object({
  enabled: z.boolean(),
  accessTokenLifespan: z.number().optional(),
  attributes: z.record(z.string(), z.unknown()).optional(),
});

function realmIn(json: unknown): RealmFacts | null {
  const realm = realmSchema.safeParse(json).data;
  if (realm === undefined) return null;
  const url = realm.attributes?.['frontendUrl'];
  return {
    enabled: realm.enabled,
    frontendUrl: typeof url === 'string' && url !== '' ? url : null,
    accessTokenLifespan: realm.accessTokenLifespan ?? null,
  };
}

const clientSchema = z.object({
  enabled: z.boolean(),
  publicClient: z.boolean().default(false),
  standardFlowEnabled: z.boolean().default(true),
  fullScopeAllowed: z.boolean().default(true),
  redirectUris: z.array(z.string()).default([]),
  webOrigins: z.array(z.string()).default([]),
  defaultClientScopes: z.array(z.string()).default([]),
  attributes: z.record(z.string(), z.string()).default({}),
  protocolMappers: z
    .array(
      z.object({
        name: z.string(),
        protocolMapper: z.string(),
        config: z.record(z.string(), z.unknown()).default({}),
      }),
    )
    .default([]),
});

/** The one that is meant, among those that a search found. */
function ownIn<T>(
  json: unknown,
  pick: (found: readonly Identified[]) => Identified | null,
  schema: z.ZodType<T>,
): Known<T> {
  const found = manyIdentified.safeParse(json).data;
  if (found === undefined) return null;
  const own = pick(found);
  return own === null ? 'absent' : (schema.safeParse(own).data ?? null);
}

function clientFacts(json: unknown, clientId: string): Known<ClientFacts> {
  const client = ownIn(json, (found) => clientIn(found, clientId), clientSchema);
  if (client === null || client === 'absent') return client;
  const { protocolMappers, ...rest } = client;
  return { ...rest, audienceMappers: protocolMappers.flatMap(audienceOf) };
}

type Mapper = z.infer<typeof clientSchema>['protocolMappers'][number];

function audienceOf({ name, protocolMapper, config }: Mapper): ClientFacts['audienceMappers'] {
  const inToken = config['access.token.claim'] !== 'false';
  if (protocolMapper === 'oidc-audience-resolve-mapper') return [{ name, audience: "the user's roles" }];
  if (protocolMapper !== 'oidc-audience-mapper' || !inToken) return [];
  const audience = config['included.client.audience'] ?? config['included.custom.audience'];
  return typeof audience === 'string' && audience !== '' ? [{ name, audience }] : [];
}

const userSchema = z.object({
  enabled: z.boolean(),
  email: z.string().optional(),
  firstName: z.string().optional(),
  lastName: z.string().optional(),
  requiredActions: z.array(z.string()).default([]),
});

function userFacts(json: unknown, username: string): Known<UserFacts> {
  const user = ownIn(json, (found) => userIn(found, username), userSchema);
  if (user === null || user === 'absent') return user;
  const { email = null, firstName = null, lastName = null, enabled, requiredActions } = user;
  return { enabled, email, firstName, lastName, requiredActions };
}

function jsonOf(response: HttpResponse): unknown {
  try {
    return JSON.parse(bodyText(response)) as unknown;
  } catch {
    return undefined;
  }
}
