import { readFile } from 'node:fs/promises';
import { aptInstall } from './apt-sources.js';
import { ensureBaseImage } from './base-image.js';
import type { ContextFile } from './docker.js';
import { ensureImage } from './image.js';
import { type JitsiSource, readJitsiSource } from './jitsi-source.js';
import { loginBoot, loginSteps } from './login.js';
import type { Say } from './progress.js';

/** The stock host's image, and whose Jitsi files are in it. */
export interface HostImage {
  readonly name: string;
  readonly jitsi: JitsiSource['is'];
}

/** No Python among them, and no file of `lua-basexx` and `lua-inspect` for Prosody's Lua 5.4: so is a real Debian 12. */
const packages = [
  'systemd',
  'systemd-sysv',
  'dbus',
  'openssh-server',
  'sudo',
  'nginx',
  'prosody',
  'docker.io',
  'iptables',
  'curl',
  'ca-certificates',
  'openssl',
  'iproute2',
  'procps',
  'lua5.4',
  'lua-cjson',
  'lua-basexx',
  'lua-luaossl',
  'lua-inspect',
  'lua-unbound',
  'lua-event',
];

/** What a container cannot do, and what would start behind a test's back. */
const maskedUnits = [
  'apt-daily.timer',
  'apt-daily-upgrade.timer',
  'dpkg-db-backup.timer',
  'e2scrub_all.timer',
  'fstrim.timer',
  'getty.target',
  'systemd-udevd.service',
  'systemd-remount-fs.service',
  'sys-kernel-config.mount',
  'sys-kernel-debug.mount',
  'sys-kernel-tracing.mount',
  'dev-hugepages.mount',
  'dev-mqueue.mount',
  'modprobe@.service',
];

const dockerfile = (base: string): string =>
  [
    `FROM ${base}`,
    'RUN printf "#!/bin/sh\\nexit 101\\n" > /usr/sbin/policy-rc.d && chmod 0755 /usr/sbin/policy-rc.d',
    aptInstall(packages),
    'RUN rm -f /usr/sbin/policy-rc.d',
    loginSteps,
    `RUN systemctl mask ${maskedUnits.join(' ')}`,
    'COPY packages.sh /lab/packages.sh',
    'RUN sh /lab/packages.sh',
    'COPY web /usr/share/jitsi-meet',
    'COPY plugins /usr/share/jitsi-meet/prosody-plugins',
    'COPY templates /lab/templates',
    'COPY boot.sh boot-login.sh boot-jitsi.sh /lab/',
    'ENV container=docker',
    'EXPOSE 22 80 443',
    'STOPSIGNAL SIGRTMIN+3',
    'CMD ["/lab/boot.sh"]',
    '',
  ].join('\n');

/** Sees to the image of a stock Jitsi-like Debian 12 host, from our stand-ins or from the checkout in JITSI_SRC. */
export async function ensureHostImage(say: Say): Promise<HostImage> {
  const source = await readJitsiSource();
  say(source.note);
  const files: readonly ContextFile[] = [
    { path: 'Dockerfile', content: dockerfile(await ensureBaseImage(say)) },
    loginBoot,
    await own('boot.sh', 0o755),
    await own('boot-jitsi.sh'),
    await own('packages.sh'),
    ...source.files,
  ];
  const name = await ensureImage({ name: 'host', files }, say);
  return { name, jitsi: source.is };
}

async function own(path: string, mode = 0o644): Promise<ContextFile> {
  return { path, content: await readFile(new URL(`host/${path}`, import.meta.url)), mode };
}
