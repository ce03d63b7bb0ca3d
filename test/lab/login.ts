import type { ContextFile } from './docker.js';

/** The users that every machine of the lab has; all take the run's own key. */
export const users = ['root', 'admin', 'nosudo'] as const;

/** One of the lab's users: `admin` has sudo without a password, `nosudo` has none. */
export type User = (typeof users)[number];

/** Dockerfile steps: the users, and no host keys in the image, so that each machine makes its own. */
export const loginSteps = [
  'RUN useradd --create-home --shell /bin/bash --password "*" admin \\',
  ' && useradd --create-home --shell /bin/bash --password "*" nosudo \\',
  ' && echo "admin ALL=(ALL) NOPASSWD: ALL" > /etc/sudoers.d/admin && chmod 0440 /etc/sudoers.d/admin \\',
  ' && rm -f /etc/ssh/ssh_host_*',
].join('\n');

/**
 * The shell script of the first boot that lets the run's key (`LAB_AUTHORIZED_KEY`) in and puts more settings
 * (`LAB_SSHD`) before sshd's own: the first value of an option is the one that counts (sshd_config(5)).
 */
export const loginBoot: ContextFile = {
  path: 'boot-login.sh',
  content: `set -eu
mkdir -p /run/sshd
[ -e /etc/ssh/ssh_host_ed25519_key ] || ssh-keygen -A >/dev/null
authorize() {
  install -d -m 0700 -o "$1" -g "$1" "$2/.ssh"
  printf '%s\\n' "$LAB_AUTHORIZED_KEY" > "$2/.ssh/authorized_keys"
  chown "$1:$1" "$2/.ssh/authorized_keys"
  chmod 0600 "$2/.ssh/authorized_keys"
}
[ -z "\${LAB_SSHD:-}" ] || printf '%s\\n' "$LAB_SSHD" > /etc/ssh/sshd_config.d/00-lab.conf
authorize root /root
authorize admin /home/admin
authorize nosudo /home/nosudo
`,
};
