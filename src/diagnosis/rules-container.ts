import type { ContainerFacts } from './facts.js';
import { lastLine, type Rule } from './rule.js';
import type { Study } from './study.js';
import type { SymptomName } from './symptom.js';

/** What people see while there is no Keycloak behind nginx. */
const away: readonly SymptomName[] = ['discovery-missing', 'no-answer', 'login-page-missing', 'no-tokens'];

const option = ({ name }: ContainerFacts, which: string): string => `container ${name}, option ${which}`;

const isRunning = (container: ContainerFacts): boolean => container.status === 'running';

/** Keycloak's container by the reasons that its log gives for not coming up. */
const refusesToStart = (
  name: string,
  says: RegExp,
  tell: (container: ContainerFacts) => { what: string; where: string; fix: string },
): Rule => ({
  name,
  explains: away,
  find({ container, keycloak }) {
    if (container === null || keycloak.direct.status === 200) return null;
    const line = lastLine(container.log, says);
    if (line === undefined) return null;
    const where = `container ${container.name}, log`;
    const via = [{ name: 'keycloak-does-not-start', what: `Keycloak ends with: ${line.trim()}`, where }];
    return { ...tell(container), via };
  },
});

const nearby = ({ job }: Study): boolean =>
  job.keycloak !== null && /^(127\.|::1|localhost)/.test(job.keycloak.address);

/** A Keycloak that is not there, does not start, or was started with the wrong options. */
export const containerRules: readonly Rule[] = [
  {
    name: 'keycloak-missing',
    explains: away,
    find: (study) =>
      study.container === null && study.keycloak.direct.status === null && nearby(study)
        ? {
            what: `no container of Keycloak is on this host, and nothing answers on ${study.job.keycloak?.base ?? ''}`,
            where: 'container keycloak',
            fix: 'run `orchestrate apply`, or name the Keycloak that is used as keycloak.external in the inventory',
          }
        : null,
  },
  refusesToStart('keycloak-not-built', /--optimized.*first ever server start/, ({ name, image }) => ({
    what: 'it is started with --optimized, but nothing in its image was built: `docker run … build` builds in a container of its own, which is thrown away',
    where: `container ${name}, image ${image}`,
    fix: 'build an image (`RUN /opt/keycloak/bin/kc.sh build` in a Dockerfile) and start that, as `orchestrate apply` does',
  })),
  refusesToStart('http-not-enabled', /Key material not provided to setup HTTPS/, (container) => ({
    what: 'it has no certificate of its own, and plain HTTP behind nginx is not allowed',
    where: option(container, 'http-enabled'),
    fix: 'set KC_HTTP_ENABLED=true, KC_HOSTNAME and KC_PROXY_HEADERS=xforwarded, and create the container anew',
  })),
  refusesToStart('hostname-not-set', /hostname is not configured/, (container) => ({
    what: 'it does not know its public name',
    where: option(container, 'hostname'),
    fix: 'set KC_HOSTNAME to the public address of the site, and create the container anew',
  })),
  {
    name: 'keycloak-out-of-memory',
    explains: away,
    find: ({ container }) =>
      container !== null && !isRunning(container) && container.outOfMemory
        ? {
            what: 'Keycloak was killed because it came to the end of its memory',
            where: option(container, 'memory'),
            fix: 'give it more (keycloak.memory in the inventory), at least 750m',
          }
        : null,
  },
  {
    name: 'keycloak-stopped',
    explains: away,
    find: ({ container }) =>
      container !== null && !isRunning(container)
        ? {
            what: `Keycloak does not run: its container is ${container.status} (exit code ${container.exitCode})`,
            where: `container ${container.name}`,
            fix: `read \`docker logs ${container.name}\`, then \`docker start ${container.name}\``,
          }
        : null,
  },
  {
    name: 'relative-path',
    explains: away,
    find({ container, keycloak }) {
      const path = container?.options['http-relative-path'] ?? '/';
      if (container === null || path === '/' || keycloak.direct.status === 200) return null;
      return {
        what: `Keycloak serves everything under ${path}, as versions before 17 did, and not at /realms/`,
        where: option(container, 'http-relative-path'),
        fix: 'take the option out and create the container anew; the console is at /admin/, not at /auth/admin/',
      };
    },
  },
  {
    name: 'keycloak-not-ready',
    explains: away,
    find: ({ container, keycloak: { direct } }) =>
      container !== null && isRunning(container) && (direct.status === null || direct.status >= 500)
        ? {
            what: `Keycloak's container runs, but it does not answer yet: ${direct.said}`,
            where: `container ${container.name}`,
            fix: `wait until it is up; if it never is, read \`docker logs ${container.name}\``,
          }
        : null,
  },
  {
    name: 'proxy-headers-not-set',
    explains: ['other-issuer', 'password-elsewhere', 'login-unfinished', 'login-refused', 'address-believed'],
    find: ({ container }) =>
      container !== null && container.options['proxy-headers'] === undefined
        ? {
            what: 'Keycloak does not look at the headers of nginx, and takes every visit for plain HTTP from 127.0.0.1',
            where: option(container, 'proxy-headers'),
            fix: 'set KC_PROXY_HEADERS=xforwarded, and create the container anew',
          }
        : null,
  },
  {
    name: 'port-on-every-interface',
    explains: ['port-open'],
    find({ container, listening }, { step }) {
      const port = /port (\d+)/.exec(step)?.[1] ?? '';
      const open = container?.published.find(
        (one) => one.endsWith(`:${port}`) && !/^(127\.|\[?::1)/.test(one),
      );
      if (container === null || open === undefined) return null;
      const also = listening.filter((one) => one.endsWith(`:${port}`)).join(', ');
      return {
        what: `the port is published at ${open}, for every network of the host${also === '' ? '' : ` (listening: ${also})`}`,
        where: option(container, '--publish'),
        fix: `publish it at 127.0.0.1:${port} only, and create the container anew; a firewall alone does not stop what Docker opens`,
      };
    },
  },
];
