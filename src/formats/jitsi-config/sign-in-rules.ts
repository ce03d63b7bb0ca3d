import type { Finding } from '../outcome.js';
import type { SignInJob } from '../sign-in-job.js';
import type { Position } from '../source.js';
import type { JitsiConfigModel } from './model.js';
import { realmsOf } from './realms.js';
import { placeOf, settingOf } from './setting.js';

/** The options of config.js that sign-in depends on. */
export const OPTIONS = [
  'hosts.domain',
  'hosts.anonymousdomain',
  'tokenAuthUrl',
  'tokenLogoutUrl',
  'tokenAuthUrlAutoRedirect',
  'tokenAuthInline',
  'sso',
] as const;

type Rule = (model: JitsiConfigModel, job: SignInJob) => readonly Finding[];

/** What the values of a config.js break for people who sign in. */
export const signInFindings: Rule = (model, job) => RULES.flatMap((rule) => rule(model, job));

const RULES: readonly Rule[] = [
  (model, { domain }) =>
    differing(model, 'hosts.domain', {
      wanted: domain,
      code: 'other-domain',
      breaks: 'Browsers connect to another host than the one that sign-in is set up for.',
    }),
  (model, { domain }) =>
    differing(model, 'hosts.anonymousdomain', {
      wanted: `guest.${domain}`,
      code: 'other-guest-domain',
      breaks: 'Guests connect to a host that Prosody does not serve for this site, and cannot join.',
    }),
  (model, { client }) =>
    differing(model, 'sso.clientId', {
      wanted: client,
      code: 'other-client',
      breaks:
        'The sign-in page asks for the token of another client than the one that people signed in with.',
    }),
  otherRealms,
  authorizationAddress,
  plainAddresses,
  schemes,
  wordsForBooleans,
  incomplete,
];

interface Expectation {
  readonly wanted: string;
  readonly code: string;
  readonly breaks: string;
}

function differing(
  model: JitsiConfigModel,
  option: string,
  { wanted, code, breaks }: Expectation,
): readonly Finding[] {
  const setting = settingOf(model, option);
  if (setting === undefined || setting.value === wanted) return [];
  return [{ code, at: setting.at, breaks, fix: `Set \`config.${option}\` to \`${wanted}\`.` }];
}

function otherRealms(model: JitsiConfigModel, { realm }: SignInJob): readonly Finding[] {
  return realmsOf(model)
    .filter((named) => named.realm !== realm)
    .map(({ realm: named, option, at }) => ({
      code: 'other-realm',
      at,
      breaks: `\`config.${option}\` sends people to the realm ${named}, whose tokens Prosody does not accept.`,
      fix: `Name the realm ${realm} here, as everywhere else.`,
    }));
}

/** Parameters without which the sign-in page of jitsi-meet, static/sso.html, gives up. */
const PLACEHOLDERS = [
  ['state', '{state}', 'the room that people wanted to enter is lost, and the sign-in page stops'],
  [
    'code_challenge',
    '{code_challenge}',
    'the sign-in page cannot prove who started the sign-in (PKCE), and is refused',
  ],
] as const;

function authorizationAddress(model: JitsiConfigModel, job: SignInJob): readonly Finding[] {
  const setting = settingOf(model, 'tokenAuthUrl');
  // Only a Keycloak address is ours to judge; other sign-in services have other parameters.
  if (typeof setting?.value !== 'string' || !setting.value.includes('/realms/')) return [];
  const { at } = setting;
  const parameters = new URLSearchParams(setting.value.split('?')[1] ?? '');
  const findings: Finding[] = PLACEHOLDERS.filter(([name, wanted]) => parameters.get(name) !== wanted).map(
    ([name, wanted, breaks]) => ({
      code: `no-${name.replace('_', '-')}`,
      at,
      breaks: `Without \`${name}=${wanted}\` in \`config.tokenAuthUrl\`, ${breaks}.`,
      fix: `Add \`${name}=${wanted}\` to its parameters.`,
    }),
  );
  return [
    ...findings,
    ...otherParameter(parameters, at, { name: 'client_id', code: 'other-client', wanted: job.client }),
    ...otherParameter(parameters, at, {
      name: 'redirect_uri',
      code: 'other-redirect',
      wanted: `https://${job.domain}/static/sso.html`,
    }),
  ];
}

function otherParameter(
  parameters: URLSearchParams,
  at: Position,
  { name, code, wanted }: { readonly name: string; readonly code: string; readonly wanted: string },
): readonly Finding[] {
  if (parameters.get(name) === wanted) return [];
  const breaks = `Keycloak refuses the sign-in: \`${name}\` in \`config.tokenAuthUrl\` is not what the client is made for.`;
  return [{ code, at, breaks, fix: `Set \`${name}\` to \`${wanted}\` there.` }];
}

function plainAddresses(model: JitsiConfigModel): readonly Finding[] {
  return ['tokenAuthUrl', 'tokenLogoutUrl'].flatMap((option) => {
    const setting = settingOf(model, option);
    if (typeof setting?.value !== 'string' || !/^http:/i.test(setting.value)) return [];
    const breaks = `\`config.${option}\` is not encrypted: passwords can be read on the way.`;
    return { code: 'plain-http', at: setting.at, breaks, fix: 'Begin it with `https://`.' };
  });
}

// static/sso.html asks `https://` + tokenService + `/token`.
function schemes(model: JitsiConfigModel): readonly Finding[] {
  return ['sso.ssoService', 'sso.tokenService'].flatMap((option) => {
    const setting = settingOf(model, option);
    if (typeof setting?.value !== 'string' || !/^\w+:\/\//.test(setting.value)) return [];
    const breaks = `\`config.${option}\` has a scheme, and the page puts \`https://\` before it once more: no token is got.`;
    return { code: 'service-with-scheme', at: setting.at, breaks, fix: 'Take the scheme off.' };
  });
}

function wordsForBooleans(model: JitsiConfigModel): readonly Finding[] {
  return ['tokenAuthUrlAutoRedirect', 'tokenAuthInline'].flatMap((option) => {
    const setting = settingOf(model, option);
    if (typeof setting?.value !== 'string') return [];
    const breaks = `\`config.${option}\` is a string, and every string but the empty one counts as true.`;
    return {
      code: 'string-for-boolean',
      at: setting.at,
      breaks,
      fix: 'Write `true` or `false` without quotes.',
    };
  });
}

function incomplete(model: JitsiConfigModel): readonly Finding[] {
  const setting = settingOf(model, 'tokenAuthUrl');
  if (typeof setting?.value !== 'string' || !setting.value.includes('/realms/')) return [];
  const missing = OPTIONS.filter((option) => placeOf(model, option)?.slot === undefined);
  if (missing.length === 0) return [];
  const names = missing.map((option) => `\`config.${option}\``).join(', ');
  return [
    {
      code: 'incomplete-sign-in',
      at: setting.at,
      breaks: `Sign-in is set up here, but not as a whole, without which it does not work: ${names} ${missing.length === 1 ? 'is' : 'are'} missing.`,
      fix: `Set ${names} too.`,
    },
  ];
}
