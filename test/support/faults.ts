import type { Fault } from './fault.js';
import { containerFaults } from './faults-container.js';
import { keycloakFaults } from './faults-keycloak.js';
import { nginxFaults } from './faults-nginx.js';
import { pageFaults } from './faults-page.js';
import { prosodyFaults } from './faults-prosody.js';

/** Everything that a test knows to break. */
export const faults: readonly Fault[] = [
  ...prosodyFaults,
  ...nginxFaults,
  ...pageFaults,
  ...keycloakFaults,
  ...containerFaults,
];
