import type { SecretRef } from '../shell/secret.js';
import type { PublishedPort, VolumeMount } from './docker/container.js';
import { type Build, inputsOf } from './docker/dockerfile.js';
import type { FilePlace, SecretFile } from './docker/secret-file.js';

/** A Keycloak server beside Jitsi: the embedded database in a volume, reachable from the host itself only. */
export interface KeycloakSetup {
  /** Of the container. Default `keycloak`. */
  readonly name?: string;
  readonly version: string;
  /** The public name: the server announces `https://DOMAIN`. */
  readonly domain: string;
  /** On 127.0.0.1 of the host. Default 18080. */
  readonly port?: number;
  /** On 127.0.0.1 of the host, for health. Default 19000. */
  readonly managementPort?: number;
  /** Limit of the container; the Java heap is 70 % of it. Default 1.5 GiB. */
  readonly memoryBytes?: number;
  readonly admin: { readonly username: string; readonly password: SecretRef };
}

/** Where Keycloak reads options at its start. Source: Keycloak guide "Configuring Keycloak". */
const configFile: FilePlace = { path: '/opt/keycloak/conf/keycloak.conf', owner: '1000:0', mode: '0600' };

const volume = 'keycloak_data';

const archiveAdvice = (version: string): string =>
  'let the host reach quay.io, or ship the image over SSH: `docker save ' +
  `${baseTag(version)} | gzip >keycloak.tar.gz\`, and \`keycloak.imageArchive: keycloak.tar.gz\` in the inventory`;

const baseTag = (version: string): string => `quay.io/keycloak/keycloak:${version}`;

const ownTag = (version: string): string => `orchestrate/keycloak:${version}`;

/**
 * The optimised image: what can be decided at build time is decided there, so that the server starts in seconds.
 * Health is such an option: given at run time only, the server exits 2. Source: Keycloak guide "Running Keycloak in a
 * container", and measured with 26.4.5 and 26.7.3.
 */
export const keycloakDockerfile = (version: string): string => `FROM ${baseTag(version)} AS build
ENV KC_DB=dev-file KC_HEALTH_ENABLED=true
RUN /opt/keycloak/bin/kc.sh build

FROM ${baseTag(version)}
COPY --from=build --chown=1000:0 /opt/keycloak/ /opt/keycloak/
`;

const build = (version: string): Build => ({ dockerfile: keycloakDockerfile(version) });

/** Props of `docker.image` for the image that Keycloak publishes: from an archive where one is given, else pulled. */
export const keycloakBase = (version: string, imageArchive?: string) => ({
  tag: baseTag(version),
  from: imageArchive === undefined ? ({ pull: true } as const) : { archive: imageArchive },
  advice: archiveAdvice(version),
});

/** Props of `docker.image` for the optimised image. It comes after {@link keycloakBase}. */
export const keycloakImage = (version: string) => ({
  tag: ownTag(version),
  from: { build: build(version) },
  advice: archiveAdvice(version),
});

/** Props of `docker.volume`. */
export const keycloakVolume = { name: volume };

/** Props of `docker.container`. */
export function keycloakContainer(server: KeycloakSetup) {
  const { version, domain, memoryBytes = 1536 * 1024 ** 2 } = server;
  const { name, port, managementPort } = whereabouts(server);
  const ports: readonly PublishedPort[] = [
    { address: '127.0.0.1', hostPort: port, containerPort: 8080 },
    { address: '127.0.0.1', hostPort: managementPort, containerPort: 9000 },
  ];
  const volumes: readonly VolumeMount[] = [{ volume, path: '/opt/keycloak/data' }];
  return {
    name,
    image: ownTag(version),
    imageInputs: inputsOf(build(version)),
    command: ['start', '--optimized'],
    env: {
      // A run-time option: set at build time it is lost without a word, and the server looks for a cluster.
      KC_CACHE: 'local',
      KC_DB: 'dev-file',
      KC_HOSTNAME: `https://${domain}`,
      KC_HTTP_ENABLED: 'true',
      // Else every question whether it is ready is a line of its log, and drowns the reason why it is not.
      KC_LOG_LEVEL: 'info,io.smallrye.health:warn',
      KC_PROXY_HEADERS: 'xforwarded',
    },
    ports,
    volumes,
    memoryBytes,
    restart: 'unless-stopped' as const,
    secretFiles: [bootstrapFile(server.admin)],
    instead:
      'another version needs its data backed up and taken along, which is a job of its own: keep keycloak.version as it is',
    advice: `use it as it is: \`keycloak.external: URL\` in the inventory; or let ours have another name: \`keycloak.name\``,
  };
}

/** Props of `http.healthy`. Only `ready` tells: 26.7.3 answers `live` and `started` before it can serve. */
export function keycloakReady(server: KeycloakSetup) {
  const { name, managementPort } = whereabouts(server);
  return { port: managementPort, path: '/health/ready', container: name };
}

/** Props of `docker.wipe`: the first password of the admin goes when the server is ready. */
export const keycloakWipe = (server: KeycloakSetup) => ({
  container: whereabouts(server).name,
  ...configFile,
});

const whereabouts = ({ name = 'keycloak', port = 18_080, managementPort = 19_000 }: KeycloakSetup) => ({
  name,
  port,
  managementPort,
});

/** Makes the first admin when the database is empty; Keycloak ignores it when there is one. */
const bootstrapFile = ({ username, password }: KeycloakSetup['admin']): SecretFile => ({
  ...configFile,
  parts: [
    `bootstrap-admin-username=${configValue(username)}\n`,
    'bootstrap-admin-password=',
    { of: password, sed: escapeOnHost },
    '\n',
  ],
});

/**
 * A value for keycloak.conf. The file is a Java properties file: a backslash is doubled, white space in front is
 * escaped. Keycloak then evaluates `${…}` and `$$` in the value; `\$` is a dollar. A backslash before anything else
 * stands for itself there. Measured with 26.7.3.
 */
export const configValue = (text: string): string =>
  text
    .replaceAll('\\', '\\\\')
    .replaceAll('$', '\\\\$')
    .replaceAll('\n', '\\n')
    .replaceAll('\r', '\\r')
    .replace(/^[ \t]/, '\\$&');

/** {@link configValue} as a program of `sed`, for a value that only the host gets to see. */
const escapeOnHost = [
  ':all',
  '$!{',
  'N',
  'b all',
  '}',
  String.raw`s/\\/\\\\/g`,
  String.raw`s/\$/\\\\$/g`,
  String.raw`s/\n/\\n/g`,
  's/\r/\\\\r/g',
  's/^[ \t]/\\\\&/',
].join('\n');
