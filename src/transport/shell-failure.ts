import { Failed } from '../model/failure.js';
import type { Ended } from '../engine/ports.js';

/** What is known when our shell did not come up. */
export interface NoShell {
  readonly label: string;
  readonly user: string;
  /** sudo stood in front of the command. */
  readonly sudo: boolean;
  readonly ended: Exclude<Ended, { is: 'unknown' }>;
  /** What was printed instead, for matching: raw. */
  readonly said: string;
  /** The same, fit to be shown. */
  readonly evidence: readonly string[];
}

type Words = Pick<ConstructorParameters<typeof Failed>[0], 'what' | 'next'>;

/** sudo's and the shells' own words, by what they mean. sudo-rs (Ubuntu since 25.10) has words of its own. */
const refusals: readonly {
  readonly said: RegExp;
  readonly sudo: boolean;
  readonly words: (at: NoShell) => Words;
}[] = [
  {
    said: /account is (currently )?not available|nologin/i,
    sudo: false,
    words: ({ label, user }) => ({
      what: `the account ${user} on ${label} has no login shell`,
      next: `log in as a user with a shell, or give it one: \`chsh -s /bin/sh ${user}\``,
    }),
  },
  {
    said: /must have a tty/i,
    sudo: true,
    words: ({ label, user }) => ({
      what: `sudo on ${label} wants a terminal (requiretty)`,
      next: `lift that for this user with a line in \`visudo\`: Defaults:${user} !requiretty`,
    }),
  },
  {
    said: /password is required|authentication (is )?required|a terminal is required/i,
    sudo: true,
    words: ({ label, user }) => ({
      what: `sudo on ${label} asks ${user} for a password`,
      next: `allow it without one by a line in \`visudo -f /etc/sudoers.d/orchestrate\`: ${user} ALL=(root) NOPASSWD: ALL`,
    }),
  },
  {
    said: /not in the sudoers file|not allowed to (execute|run)|may not run sudo|I'm afraid I can't do that/i,
    sudo: true,
    words: ({ label, user }) => ({
      what: `sudo on ${label} does not let ${user} run a shell as root`,
      next: `allow it by a line in \`visudo -f /etc/sudoers.d/orchestrate\`: ${user} ALL=(root) NOPASSWD: ALL`,
    }),
  },
  {
    said: /sudo.*not found|not found.*sudo|unknown command.*sudo|sudo.*no such file/i,
    sudo: true,
    words: ({ label, user }) => ({
      what: `there is no sudo on ${label}, and ${user} is not root`,
      next: 'install sudo there, or log in as root (user: root in the inventory)',
    }),
  },
];

/** Why our shell did not come up, from what the first command printed instead of its mark. */
export function shellFailure(at: NoShell): Failed {
  const known = refusals.find(({ said, sudo }) => (at.sudo || !sudo) && said.test(at.said));
  const end = at.ended.is === 'exit' ? `exit code ${at.ended.code}` : at.ended.signal;
  return new Failed({
    reason: 'unreachable',
    ...(known?.words(at) ?? unexplained(at)),
    evidence: [...at.evidence, end],
  });
}

function unexplained({ label, user, sudo }: NoShell): Words {
  return {
    what: sudo
      ? `sudo on ${label} did not start a shell for ${user}`
      : `${label} did not start a shell for ${user}`,
    next: sudo
      ? `find out on the machine, as ${user}, why \`echo true | sudo -n -- sh -s\` fails`
      : 'look for ForceCommand in sshd_config, command= in authorized_keys, and the login shell in /etc/passwd',
  };
}

/** sudo's refusal of a command that has no mark; null when it is not sudo that failed. */
export function sudoRefusal(at: NoShell): Failed | null {
  return at.sudo && at.ended.is === 'exit' && /^sudo(-rs)?: /m.test(at.said) ? shellFailure(at) : null;
}
