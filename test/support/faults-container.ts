import { type Fault, until } from './fault.js';
import type { Loose } from './keycloak-admin.js';

const image = 'quay.io/keycloak/keycloak:26.7.3';
const own = 'orchestrate/keycloak:26.7.3';

/** Our container is set aside, so that the way back is a name and a start. */
const aside =
  'docker stop -t 20 keycloak >/dev/null; docker rename keycloak keycloak-aside; docker update --restart no keycloak-aside >/dev/null';

const ready = until(
  'curl -sf -o /dev/null http://127.0.0.1:18080/realms/jitsi-realm/.well-known/openid-configuration',
);

const ended = until('[ "$(docker inspect -f {{.State.Running}} keycloak)" = false ]');

const back = `docker rm -f -v keycloak >/dev/null; docker rename keycloak-aside keycloak
docker update --restart unless-stopped keycloak >/dev/null; docker start keycloak >/dev/null; ${ready}`;

const options = {
  KC_CACHE: 'local',
  KC_DB: 'dev-file',
  KC_HOSTNAME: 'https://meet.example.test',
  KC_HTTP_ENABLED: 'true',
  KC_PROXY_HEADERS: 'xforwarded',
};

/** Starts a container in the place of ours, with these options and in this way. */
const started = (
  env: Readonly<Record<string, string>>,
  { from = own, publish = '127.0.0.1:18080:8080', command = 'start --optimized' } = {},
): string =>
  `docker run -d --name keycloak -p ${publish} ${Object.entries(env)
    .map(([name, value]) => `-e ${name}=${value}`)
    .join(' ')} -v keycloak_data:/opt/keycloak/data ${from} ${command} >/dev/null`;

/** Faults of how Keycloak is built and started. Each takes a start of Keycloak to take back. */
export const containerFaults: readonly Fault[] = [
  {
    title: 'Keycloak was built in a container that was thrown away',
    recipe: 1,
    cause: 'keycloak-not-built',
    where: /^container keycloak, image quay\.io/,
    plant: `${aside}
docker run --rm -v keycloak_data:/opt/keycloak/data ${image} build >/dev/null
${started({}, { from: image })}; ${ended}`,
    heal: back,
  },
  {
    title: 'Keycloak is started with --optimized and nothing else',
    recipe: 2,
    cause: 'http-not-enabled',
    where: /^container keycloak, option http-enabled$/,
    plant: `${aside}; ${started({})}; ${ended}`,
    heal: back,
  },
  {
    title: 'Keycloak does not know its public name',
    recipe: 2,
    cause: 'hostname-not-set',
    where: /^container keycloak, option hostname$/,
    plant: `${aside}; ${started({ KC_HTTP_ENABLED: 'true' })}; ${ended}`,
    heal: back,
  },
  {
    title: 'Keycloak serves everything under /auth, where the recipe looks for its console',
    recipe: 3,
    cause: 'relative-path',
    where: /^container keycloak, option http-relative-path$/,
    plant: `${aside}
${started(options, { from: image, command: 'start --http-relative-path=/auth' })}
${until('curl -sf -o /dev/null http://127.0.0.1:18080/auth/realms/jitsi-realm')}`,
    heal: back,
  },
  {
    title: "Keycloak's port is published on every interface",
    cause: 'port-on-every-interface',
    where: /^container keycloak, option --publish$/,
    plant: `${aside}; ${started(options, { publish: '18080:8080' })}; ${ready}`,
    heal: back,
  },
  {
    title: 'Keycloak has no public name and does not look at the headers of nginx, which name one',
    cause: 'proxy-headers-not-set',
    where: /^container keycloak, option proxy-headers$/,
    plant: `${aside}; ${started({ KC_CACHE: 'local', KC_DB: 'dev-file', KC_HTTP_ENABLED: 'true', KC_HOSTNAME_STRICT: 'false' })}; ${ready}`,
    heal: back,
    inKeycloak: async (keycloak) => {
      const was = await keycloak.get('jitsi-realm');
      const without = { ...(was['attributes'] as Loose), frontendUrl: '' };
      await keycloak.put('jitsi-realm', { ...was, attributes: without });
      return () => keycloak.put('jitsi-realm', was);
    },
  },
  {
    title: 'Keycloak is stopped',
    cause: 'keycloak-stopped',
    where: /^container keycloak$/,
    plant: 'docker stop -t 20 keycloak >/dev/null',
    heal: `docker start keycloak >/dev/null; ${ready}`,
  },
];
