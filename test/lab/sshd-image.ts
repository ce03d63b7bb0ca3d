import { aptInstall } from './apt-sources.js';
import { ensureBaseImage } from './base-image.js';
import type { ContextFile } from './docker.js';
import { ensureImage } from './image.js';
import { loginBoot, loginSteps } from './login.js';
import type { Say } from './progress.js';

const boot: ContextFile = {
  path: 'boot.sh',
  content: '#!/bin/sh\nset -eu\n. /lab/boot-login.sh\nexec /usr/sbin/sshd -D -e\n',
  mode: 0o755,
};

/** Sees to the smallest machine that one can log in to: Debian, sshd, sudo, the lab's users. Gives the image's name. */
export async function ensureSshdImage(say: Say): Promise<string> {
  const base = await ensureBaseImage(say);
  const dockerfile = [
    `FROM ${base}`,
    aptInstall(['openssh-server', 'sudo', 'procps', 'acl', 'attr']),
    loginSteps,
    'COPY boot.sh boot-login.sh /lab/',
    'EXPOSE 22',
    'CMD ["/lab/boot.sh"]',
    '',
  ].join('\n');
  return ensureImage(
    { name: 'sshd', files: [{ path: 'Dockerfile', content: dockerfile }, boot, loginBoot] },
    say,
  );
}
