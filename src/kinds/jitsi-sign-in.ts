import { randomBytes } from 'node:crypto';
import { explained } from '../diagnosis/explain.js';
import { forgedOrigin } from '../dialects/exposure.js';
import type { Person } from '../dialects/keycloak/login-page.js';
import type { KeycloakServer } from '../dialects/keycloak/server.js';
import { meaningFor } from '../dialects/jitsi-neighbours.js';
import { Unmet } from '../dialects/unmet.js';
import type { WebSite } from '../dialects/web-site.js';
import type { ProofKind, Proving, Remote, Verdict } from '../model/kind.js';
import { browserOn } from '../proof/browser.js';
import { type KeycloakBehind, proveHidden, provePorts, proveTrueAddress } from '../proof/exposure.js';
import { proveEntrance, proveRefusals, refuseVisitors } from '../proof/gate.js';
import {
  orSignOut,
  readPlace,
  refuseReplay,
  refuseWrongPassword,
  signIn,
  type SignInPlace,
  signOut,
} from '../proof/login.js';
import { awaitJicofo, comeBackMs, findNeighbours } from '../proof/neighbours.js';
import { proveRooms } from '../proof/rooms.js';
import { siteFromOutside, siteOnHost, type SiteTls } from '../proof/site.js';
import { inviteVisitor, type Visitor } from '../proof/visitor.js';

/** Who shall be able to sign in to which Jitsi. */
export interface JitsiSignIn {
  readonly domain: string;
  readonly realm: string;
  readonly client: string;
  /** null: nobody may sign in for the proof. A run that changes things then makes somebody for a moment. */
  readonly user: { readonly username: string; readonly password: { readonly secret: string } } | null;
  /** As Prosody accepts it, byte for byte. Default: the realm under the site's own name. */
  readonly issuer?: string;
  /** The XMPP host of guests; null: guests are not proven. Default: `guest.` and the domain. */
  readonly guests?: string | null;
  /** The XMPP host of rooms. Default: `conference.` and the domain. */
  readonly conference?: string;
  /** Who opens rooms. Default: `focus.` and the domain. */
  readonly focus?: string;
  readonly tls?: SiteTls;
  /** Keycloak for its admin, and its ports on the host. Without it, no visitor is made and no port is tried. */
  readonly keycloak?: { readonly server: KeycloakServer; readonly ports: readonly number[] };
  /** Prove it from the controller's network as well. */
  readonly outside?: boolean;
}

/**
 * Signs in through the host's own nginx exactly as Jitsi's web page does, speaks to Prosody as Jitsi's client does,
 * tries what must be refused, and signs out. Plain requests rather than a library for OpenID Connect: the proof is
 * that these very requests work, and each has an outcome of its own to tell.
 */
export const jitsiSignIn: ProofKind<JitsiSignIn> = {
  shape: 'proof',
  name: 'jitsi.sign-in',

  async prove(props, remote, proving): Promise<Verdict> {
    try {
      const site = await siteOnHost(props.domain, props.tls ?? {}, remote);
      const inside = await proveFrom(props, { site, remote, owe: proving.owe });
      if (!proving.outside && props.outside !== true) return verdictOf([inside]);
      const outside = await proveOutside(props, siteFromOutside(site), remote);
      return verdictOf([inside, outside]);
    } catch (error) {
      if (!(error instanceof Unmet)) throw error;
      return explained(error, props, remote);
    }
  },
};

/** What was proven, and what was not. */
interface Account {
  readonly proven: readonly string[];
  readonly open: readonly string[];
}

const verdictOf = (accounts: readonly Account[]): Verdict => ({
  ok: true,
  note: accounts.flatMap(({ proven }) => proven).join('; '),
  findings: accounts.flatMap(({ open }) => open),
});

/** Where a proof looks from, and what it may do there. */
interface Standpoint {
  readonly site: WebSite;
  readonly remote: Remote;
  readonly owe: Proving['owe'];
}

async function proveFrom(props: JitsiSignIn, at: Standpoint): Promise<Account> {
  const { remote } = at;
  const keycloak = keycloakOf(props);
  const neighbours = await findNeighbours(remote);
  if (neighbours.jicofo) await awaitJicofo(remote);
  const place = await readPlace(props, browserOn(at.site, remote));
  await using visitor = await visitorOf(keycloak, at);
  const trials = Promise.all([
    refuseWrongPassword(place, visitor?.username ?? nobody(), browserOn(at.site, remote)),
    proveHidden(props.realm, browserOn(at.site, remote)),
    keycloak === null ? null : provePorts(keycloak, remote),
  ]);
  trials.catch(() => undefined);
  try {
    const person = props.user ?? visitor;
    const { proven, open } =
      person === null
        ? await proveWithout(props, at)
        : await proveWith(props, { person, place, keycloak, hasJicofo: neighbours.jicofo }, at);
    await trials;
    const clock = place.clock === null ? [] : [place.clock];
    return { proven, open: [...open, ...clock, ...meaningFor(neighbours, props.domain)] };
  } catch (error) {
    // The first reason counts; what still runs must not outlive the proof.
    await trials.catch(() => undefined);
    throw error;
  }
}

/** The whole way of somebody who has an account. */
async function proveWith(
  props: JitsiSignIn,
  as: {
    readonly person: Person;
    readonly place: SignInPlace;
    readonly keycloak: KeycloakBehind | null;
    readonly hasJicofo: boolean;
  },
  { site, remote }: Standpoint,
): Promise<Account> {
  const { username } = as.person;
  remote.progress(`signing in as ${username}`);
  // A client's word for where it comes from must count for nothing, so it is given all along.
  const browser = browserOn(site, remote, forgedOrigin);
  const login = await signIn(as.place, as.person, { browser, remote });
  const focus = await orSignOut(login, browser, async () => {
    remote.progress('showing the token to Prosody');
    const gate = { ...gateOf(props), browser, remote, tokens: login.tokens };
    await proveEntrance(gate);
    remote.progress('entering a room, and trying what must be refused');
    const [opener] = await Promise.all([
      proveRooms({ ...gate, ...roomsOf(props), patienceMs: as.hasJicofo ? comeBackMs : 0 }),
      proveRefusals(gate),
    ]);
    // A Keycloak elsewhere has a proxy of its own, which is not ours to judge.
    if (as.keycloak !== null && as.keycloak.ports.length > 0)
      await proveTrueAddress(as.keycloak, { username, login }, remote);
    await refuseReplay(login, browser);
    return opener;
  });
  await signOut(login, browser);
  return accountOf(props, username, focus);
}

/** Nobody may sign in: what can be said without. */
async function proveWithout(props: JitsiSignIn, { site, remote }: Standpoint): Promise<Account> {
  await refuseVisitors({ ...gateOf(props), browser: browserOn(site, remote), remote });
  return {
    proven: ['the login page is there; Prosody refuses who brings no token'],
    open: ['sign-in not proven: no user (name one as proof.user in the inventory)'],
  };
}

async function proveOutside(props: JitsiSignIn, site: WebSite, remote: Remote): Promise<Account> {
  try {
    const seen = await proveFrom(props, { site, remote, owe: null });
    return { proven: seen.proven.map((what) => `from outside: ${what}`), open: [] };
  } catch (error) {
    if (!(error instanceof Unmet)) throw error;
    throw new Unmet(`from outside, ${error.step}`, error.because, error);
  }
}

function accountOf(props: JitsiSignIn, username: string, focus: string | null): Account {
  const guests = gateOf(props).guests;
  const signedIn = `${username} signed in and out; Prosody took the token both ways and refused every other`;
  if (focus === null) {
    return {
      proven: [guests === null ? signedIn : `${signedIn}; guests may come`],
      open: ['rooms not proven: Jicofo does not answer, so nobody opens them'],
    };
  }
  const room =
    guests === null
      ? `a room was entered (opened by ${focus})`
      : `a guest waited for the host of a room and was let in (opened by ${focus})`;
  return { proven: [signedIn, room], open: [] };
}

const keycloakOf = ({ keycloak, realm }: JitsiSignIn): KeycloakBehind | null =>
  keycloak === undefined ? null : { ...keycloak, realm };

const visitorOf = async (
  keycloak: KeycloakBehind | null,
  { remote, owe }: Standpoint,
): Promise<Visitor | null> =>
  keycloak === null || owe === null ? null : inviteVisitor(keycloak, remote, owe);

/** A name that no realm has. */
const nobody = (): string => `nobody-${randomBytes(6).toString('hex')}`;

const gateOf = ({ domain, guests }: JitsiSignIn) => ({
  host: domain,
  guests: guests === undefined ? `guest.${domain}` : guests,
  room: `orchestrate-proof-${randomBytes(4).toString('hex')}`,
});

const roomsOf = ({ domain, conference, focus }: JitsiSignIn) => ({
  conference: conference ?? `conference.${domain}`,
  focus: focus ?? `focus.${domain}`,
});
