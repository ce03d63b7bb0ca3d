import {
  addressesIn,
  askPath,
  expectHidden,
  expectTrueAddress,
  hiddenPaths,
  readAddresses,
} from '../dialects/exposure.js';
import type { KeycloakServer } from '../dialects/keycloak/server.js';
import { readSessions } from '../dialects/keycloak/session.js';
import { Unmet } from '../dialects/unmet.js';
import { silence } from '../model/failure.js';
import type { Remote } from '../model/kind.js';
import { look } from '../model/look.js';
import type { Browser } from './browser.js';
import type { OpenLogin } from './login.js';

/** The Keycloak behind the site: who may ask it, and where it listens. */
export interface KeycloakBehind {
  readonly server: KeycloakServer;
  readonly realm: string;
  /** Its ports on the host: for its pages, for health and metrics. None where it runs elsewhere. */
  readonly ports: readonly number[];
}

/** How long a port that is shut may keep us waiting. */
const knockMs = 2000;

/**
 * Nothing of Keycloak but the realm's own pages can be reached through the site.
 *
 * @throws Unmet
 */
export async function proveHidden(realm: string, browser: Browser): Promise<void> {
  await Promise.all(
    hiddenPaths(realm).map(async (path) =>
      expectHidden(await browser.send(path, askPath(browser.site, path)), path),
    ),
  );
}

/**
 * Keycloak's ports answer on the loopback only.
 *
 * @throws Unmet
 */
export async function provePorts({ ports }: KeycloakBehind, remote: Remote): Promise<void> {
  const addresses = addressesIn(await remote.run(readAddresses));
  await Promise.all(
    addresses.flatMap((address) => ports.map((port) => expectShut({ address, port }, remote))),
  );
}

async function expectShut(
  to: { readonly address: string; readonly port: number },
  remote: Remote,
): Promise<void> {
  const answered = await remote.http({ is: 'http', to, method: 'GET', path: '/', timeoutMs: knockMs }).then(
    ({ status }) => status,
    (error: unknown) => {
      silence(error);
      return null;
    },
  );
  if (answered === null) return;
  throw new Unmet(`port ${to.port} of Keycloak`, 'can be reached from other machines', {
    evidence: [`HTTP ${answered} at ${to.address}:${to.port}`],
    next: 'publish it on 127.0.0.1 only',
  });
}

/**
 * Keycloak did not believe the address that the login claimed to come from.
 *
 * @throws Unmet
 */
export async function proveTrueAddress(
  { server, realm }: KeycloakBehind,
  { username, login }: { readonly username: string; readonly login: OpenLogin },
  remote: Remote,
): Promise<void> {
  const sessions = await look(readSessions({ server, realm, username }), remote);
  for (const session of sessions)
    if (session.id === login.tokens.session) expectTrueAddress(session.ipAddress);
}
