import type { Fault } from './fault.js';
import { containerFaults } from './faults-container.js';
import { keycloakFaults } from './faults-keycloak.js';
import { nginxFaults } from './faults-nginx.js';
import { pageFaults } from './faults-page.js';
import { prosodyFaults } from './faults-prosody.js';

/** Those beyond the recipe's that are planted every time. */
const core: ReadonlySet<string> = new Set([
  'not-restarted',
  'second-authentication',
  'token-without-app-id',
  'guest-host-missing',
  'wait-for-host-incomplete',
  'module-not-loaded',
  'location-in-wrong-server',
  'nginx-not-reloaded',
  'certificate-expired',
  'sso-page-not-installed',
  'realm-disabled',
  'client-disabled',
  'redirect-uri',
  'web-origin',
  'pkce-method',
  'user-disabled',
]);

const cheap: readonly Fault[] = [...prosodyFaults, ...nginxFaults, ...pageFaults, ...keycloakFaults];

const isCore = ({ recipe, cause }: Fault): boolean => recipe !== undefined || core.has(cause);

/** Planted every time: none of them takes a start of Keycloak. */
export const faults: readonly Fault[] = cheap.filter(isCore);

/** Planted in the long run only. */
export const longFaults: readonly Fault[] = [...cheap.filter((fault) => !isCore(fault)), ...containerFaults];
