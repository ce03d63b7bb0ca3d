import type { Finding } from '../outcome.js';
import { realmIn } from './realm.js';
import {
  modulesOf,
  type Place,
  type PlacedStretch,
  type ProsodyView,
  seenBy,
  sectionIn,
  stringsOf,
  valuesIn,
} from './view.js';

/** A finding with the file that it is about. */
export type PlacedFinding = Finding & { readonly path: string };

type Check = (view: ProsodyView) => readonly PlacedFinding[];

const finding = ({ path, at }: Place, code: string, breaks: string, fix: string): PlacedFinding => ({
  code,
  path,
  at,
  breaks,
  fix,
});

const usesToken = (view: ProsodyView): boolean =>
  seenBy(view, view.host, 'authentication')?.value === 'token';

const sectionTitle = ({ stretch: { section } }: PlacedStretch): string =>
  section.is === 'host'
    ? `VirtualHost "${section.name}"`
    : section.is === 'component'
      ? `Component "${section.name}"`
      : 'the global section';

const asapOptions = ['asap_accepted_issuers', 'asap_accepted_audiences', 'asap_require_room_claim'];

/* Modules that check tokens by the options of their own section. `token_verification` asks those of the host above. */
const ownChecks =
  'muc_jigasi_invite muc_kick_participant muc_password_check muc_size system_chat_message'.split(' ');

/** Whether a section checks tokens itself, and so has a use for options about them. */
function checksTokens(view: ProsodyView, placed: PlacedStretch): boolean {
  const { section } = placed.stretch;
  if (section.is === 'host') return seenBy(view, [placed], 'authentication')?.value === 'token';
  const modules = section.is === 'component' ? modulesOf(view, [placed]) : undefined;
  return modules === undefined || ownChecks.some((module) => modules.has(module));
}

/** Options about tokens where nothing looks for them: in the last Component, when they were put at a file's end. */
const misplacedAsap: Check = (view) =>
  view.stretches
    .filter((placed) => !checksTokens(view, placed))
    .flatMap((placed) =>
      asapOptions.flatMap((option) =>
        valuesIn([placed], option).map((place) => {
          const isSeen = seenBy(view, view.host, option) !== undefined;
          const effect = isSeen
            ? 'has no effect'
            : `is not seen by "${view.domain}", which refuses every token`;
          return finding(
            place,
            'asap-in-wrong-section',
            `\`${option}\` belongs to ${sectionTitle(placed)} here and ${effect}`,
            isSeen ? 'delete this line' : 'move this line above the first VirtualHost of the file',
          );
        }),
      ),
    );

const signInOptions = ['authentication', 'app_id', 'allow_empty_token', 'cache_keys_url', 'modules_enabled'];

/** The same option twice in one section of the job: Prosody takes the last one. */
const duplicates: Check = (view) =>
  [...view.host, ...sectionIn(view, 'host', `guest.${view.domain}`), ...view.meetings].flatMap((placed) =>
    signInOptions.flatMap((option) => {
      const values = valuesIn([placed], option);
      const last = values.at(-1);
      if (values.length < 2 || last === undefined) return [];
      return [
        finding(
          last,
          option === 'authentication' ? 'second-authentication' : 'duplicate-option',
          `\`${option}\` is set ${values.length} times in ${sectionTitle(placed)}; only this last one counts, at line ${values[0]?.at.line ?? 0} it has no effect`,
          'delete the ones that are not meant',
        ),
      ];
    }),
  );

const hostTwice: Check = (view) => {
  const [first, ...others] = view.host;
  return others.map((placed) => {
    const where = `${first?.path ?? ''}:${first?.at.line ?? 0}`;
    const breaks = `${sectionTitle(placed)} is also at ${where}; Prosody mixes the options of both, and the one that it loads last wins`;
    const code = first?.path === placed.path ? 'host-twice' : 'host-in-two-files';
    return finding(placed, code, breaks, 'keep one of the two sections');
  });
};

function issuerProblem(issuer: string): readonly [code: string, what: string] | undefined {
  if (realmIn(issuer) === undefined) return undefined;
  if (issuer.startsWith('http://')) {
    return ['issuer-not-https', 'starts with http://, but Keycloak announces https://'];
  }
  if (issuer.endsWith('/'))
    return ['issuer-trailing-slash', 'ends with a slash, which Keycloak does not announce'];
  return undefined;
}

const issuers: Check = (view) => {
  const seen = seenBy(view, view.host, 'asap_accepted_issuers');
  return stringsOf(seen).flatMap((issuer) => {
    const problem = issuerProblem(issuer);
    if (seen === undefined || problem === undefined) return [];
    const [code, what] = problem;
    const right = issuer.replace(/^http:/, 'https:').replace(/\/+$/, '');
    const breaks = `the accepted issuer "${issuer}" ${what}: they are compared letter by letter, so every login is refused`;
    return [finding(seen, code, breaks, `write "${right}"`)];
  });
};

const keys: Check = (view) => {
  const seen = seenBy(view, view.host, 'cache_keys_url');
  const url = stringsOf(seen)[0];
  if (seen === undefined || url === undefined || !usesToken(view)) return [];
  const findings: PlacedFinding[] = [];
  if (/^http:\/\/localhost\b/.test(url)) {
    const breaks =
      'Prosody does not read /etc/hosts for this name, gets no keys, and logins hang without an answer';
    findings.push(finding(seen, 'keys-url-localhost', breaks, 'write 127.0.0.1 in place of localhost'));
  }
  const realm = realmIn(url);
  const accepted = stringsOf(seenBy(view, view.host, 'asap_accepted_issuers')).map(realmIn);
  if (realm !== undefined && accepted.some((other) => other !== undefined) && !accepted.includes(realm)) {
    findings.push(
      finding(
        seen,
        'realm-differs',
        `the keys are those of the realm "${realm}", but no accepted issuer is of that realm: every token is refused`,
        'use one realm in `cache_keys_url` and `asap_accepted_issuers`',
      ),
    );
  }
  return findings;
};

const tokenSettings: Check = (view) => {
  const host = view.host;
  const authentication = seenBy(view, host, 'authentication');
  if (authentication === undefined || !usesToken(view)) return [];
  const findings: PlacedFinding[] = [];
  const isMissing = (option: string) => seenBy(view, host, option) === undefined;
  if (isMissing('app_id')) {
    const breaks = 'without `app_id` the token provider does not load, and nobody can sign in';
    findings.push(finding(authentication, 'token-without-app-id', breaks, 'set `app_id` beside it'));
  }
  if (['app_secret', 'asap_key_server', 'cache_keys_url'].every(isMissing)) {
    const breaks = 'nothing tells Prosody how to check a token, so the token provider does not load';
    findings.push(finding(authentication, 'token-without-keys', breaks, 'set `cache_keys_url` beside it'));
  }
  const usesKeycloak = stringsOf(seenBy(view, host, 'cache_keys_url')).some(
    (url) => realmIn(url) !== undefined,
  );
  if (usesKeycloak && seenBy(view, host, 'asap_require_room_claim')?.value !== false) {
    const breaks =
      'tokens of Keycloak hold no `room`, which is required unless it is switched off: every token is refused';
    const fix = 'set `asap_require_room_claim = false` above the first VirtualHost';
    findings.push(finding(authentication, 'room-claim-required', breaks, fix));
  }
  return findings;
};

/** What the three modules of the waiting guests ask for (mod_muc_wait_for_host, mod_persistent_lobby, mod_muc_lobby_rooms). */
const waitForHost: Check = (view) => {
  const muc = view.meetings;
  const waiting = valuesIn(muc, 'modules_enabled').at(-1);
  if (waiting === undefined || !modulesOf(view, muc).has('muc_wait_for_host')) return [];
  const host = view.host;
  const missing: readonly (readonly [boolean, string, string])[] = [
    [
      seenBy(view, muc, 'muc_mapper_domain_base') === undefined,
      'muc_mapper_domain_base',
      `muc_mapper_domain_base = "${view.domain}" above the first VirtualHost`,
    ],
    [
      !modulesOf(view, host).has('persistent_lobby'),
      'persistent_lobby',
      `"persistent_lobby" in modules_enabled of VirtualHost "${view.domain}"`,
    ],
    [
      !modulesOf(view, host).has('muc_lobby_rooms'),
      'muc_lobby_rooms',
      `"muc_lobby_rooms" in modules_enabled of VirtualHost "${view.domain}"`,
    ],
    [
      seenBy(view, host, 'main_muc') === undefined,
      'main_muc',
      `main_muc = "${view.muc ?? ''}" in VirtualHost "${view.domain}"`,
    ],
    [
      seenBy(view, host, 'lobby_muc') === undefined,
      'lobby_muc',
      `lobby_muc = "lobby.${view.domain}" in VirtualHost "${view.domain}", and that Component`,
    ],
  ];
  return missing
    .filter(([isMissing]) => isMissing && host.length > 0)
    .map(([, what, fix]) =>
      finding(
        waiting,
        'wait-for-host-incomplete',
        `\`muc_wait_for_host\` needs \`${what}\`, which is not there: guests do not wait for a signed-in user`,
        `add ${fix}`,
      ),
    );
};

const mainMuc: Check = (view) => {
  const seen = seenBy(view, view.host, 'main_muc');
  const name = stringsOf(seen)[0];
  if (seen === undefined || name === undefined || view.host.length === 0) return [];
  const hasComponents = view.stretches.some(({ stretch }) => stretch.section.is === 'component');
  if (!hasComponents || sectionIn(view, 'component', name.toLowerCase()).length > 0) return [];
  const breaks = `\`main_muc\` names "${name}", which is no Component here: the lobby does nothing`;
  return [
    finding(
      seen,
      'main-muc-not-here',
      breaks,
      `name the Component that meetings are in${view.muc ? `: "${view.muc}"` : ''}`,
    ),
  ];
};

/** Every check of the sign-in over the files of one Prosody. */
export const checks: readonly Check[] = [
  misplacedAsap,
  duplicates,
  hostTwice,
  issuers,
  keys,
  tokenSettings,
  waitForHost,
  mainMuc,
];
