import { aptContext, aptInstall } from './apt-sources.js';
import { ensureBaseImage } from './base-image.js';
import { build, type ContextFile, digestOfFiles, hasImage } from './docker.js';
import { loginBoot, loginSteps } from './login.js';
import { announced, type Say } from './progress.js';

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
    aptInstall(['openssh-server', 'sudo', 'procps']),
    loginSteps,
    'COPY boot.sh boot-login.sh /lab/',
    'EXPOSE 22',
    'CMD ["/lab/boot.sh"]',
    '',
  ].join('\n');
  const files = [{ path: 'Dockerfile', content: dockerfile }, boot, loginBoot];
  const tag = `orchestrate-lab-sshd:${digestOfFiles(files)}`;
  if (await hasImage(tag)) return tag;
  await announced(say, 'building the sshd image', async () =>
    build(tag, [...files, ...(await aptContext())]),
  );
  return tag;
}
