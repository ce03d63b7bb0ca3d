import { Failed } from '../model/failure.js';
import type { Vault } from '../shell/secret.js';
import { Interrupted, seconds } from './deadline.js';
import { evidenceLines } from './evidence.js';
import type { Dial, LinkFailure, Progress } from './ssh.js';

/** What a failure to connect is about. */
interface Case {
  readonly label: string;
  readonly dial: Dial;
  readonly progress: Progress;
  /** ssh2's or the system's error. */
  readonly error: Error & { readonly code?: unknown; readonly level?: unknown };
  readonly vault: Vault;
}

type Words = Pick<ConstructorParameters<typeof Failed>[0], 'what' | 'next' | 'evidence' | 'transient'>;

/** The failure in a person's words. Only what may pass by itself is transient; a refused login never is. */
export function connectFailure(label: string, dial: Dial, failure: LinkFailure, vault: Vault): Failed {
  const refusal = dial.hostKey.refusal();
  if (refusal !== null) return refusal;
  const error = failure.cause as Case['error'];
  const at: Case = { label, dial, progress: failure.progress, error, vault };
  if (error instanceof Interrupted) {
    return new Failed({
      reason: 'interrupted',
      what: `connecting to ${label} was interrupted`,
      next: 'nothing was done there; run the same command again',
    });
  }
  if (error.message.includes('no matching host key format'))
    return dial.hostKey.noKnownType(said(at)[0] ?? '');
  const words = wordsOf(at);
  const proxy = dial.target.proxy;
  const evidence = [
    ...(words.evidence ?? said(at)),
    ...(proxy === null || at.progress.stage !== 'dialling'
      ? []
      : [`~/.ssh/config says ${proxy} for this host, which orchestrate does not follow`]),
  ];
  return new Failed({ reason: 'unreachable', transient: true, ...words, evidence }, { cause: error });
}

const said = ({ error, vault }: Case): readonly string[] => evidenceLines(error.message, vault);

function wordsOf(at: Case): Words {
  switch (at.progress.stage) {
    case 'dialling':
      return dialling(at);
    case 'connected':
      return silent(at);
    case 'greeted':
      return greeted(at);
    case 'secured':
    case 'ready':
      return login(at);
  }
}

/** Every address of a name was tried: the first error stands for all. */
function systemCode(error: Case['error']): string {
  const inner = error instanceof AggregateError ? (error.errors[0] as Case['error']) : error;
  return typeof inner.code === 'string' ? inner.code : '';
}

function dialling(at: Case): Words {
  const { label, dial, error } = at;
  const code = systemCode(error);
  const evidence =
    error instanceof AggregateError ? error.errors.map((one) => (one as Error).message) : said(at);
  if (code === 'ENOTFOUND' || code === 'EAI_AGAIN') {
    return {
      what: `the name ${dial.target.address} of ${label} is not known to the DNS`,
      evidence,
      next: 'correct the address in the inventory, or the DNS entry',
      transient: code === 'EAI_AGAIN',
    };
  }
  if (code === 'ECONNREFUSED') {
    return {
      what: `${label} refuses the connection: nothing listens there`,
      evidence,
      next: 'check the port in the inventory, and that sshd runs on the machine',
    };
  }
  if (code === 'EHOSTUNREACH' || code === 'ENETUNREACH') {
    return {
      what: `there is no route to ${label}`,
      evidence,
      next: 'check the address in the inventory, this machine’s network and the firewall on the way',
    };
  }
  return {
    what: `${label} does not answer`,
    evidence: error.message.startsWith('Timed out') ? [`waited ${seconds(dial.connectTimeoutMs)}`] : evidence,
    next: 'check the address in the inventory, that the machine is up, and the firewall on the way',
  };
}

/** The connection stands and no byte has come. */
function silent(at: Case): Words {
  if (at.error.message.startsWith('Timed out')) {
    return {
      what: `${at.label} takes the connection but sends no SSH banner`,
      evidence: [`waited ${seconds(at.dial.connectTimeoutMs)}`],
      next: 'check that this port is sshd’s; if it is, sshd is overloaded or a firewall swallows its answer',
    };
  }
  return {
    what: `${at.label} closed the connection before the SSH banner`,
    next:
      'wait a minute: sshd drops connections when many log in at once (MaxStartups) or after failed logins ' +
      '(PerSourcePenalties); then look for fail2ban and hosts.deny there',
  };
}

function greeted(at: Case): Words {
  const first = evidenceLines(at.progress.firstBytes, at.vault)[0] ?? '';
  if (first.startsWith('Not allowed at this time')) {
    return {
      what: `${at.label} does not let this address log in for a while (PerSourcePenalties)`,
      evidence: [first],
      next: 'wait ten minutes without trying; the reason are failed logins from here before',
      transient: false,
    };
  }
  if (first.startsWith('Exceeded MaxStartups')) {
    return {
      what: `${at.label} drops the connection: too many are logging in at once (MaxStartups)`,
      evidence: [first],
      next: 'wait a minute, then run the same command again',
    };
  }
  if (!first.startsWith('SSH-')) {
    return {
      what: `what listens at ${at.label} does not speak SSH`,
      evidence: [first],
      next: 'correct the port in the inventory',
      transient: false,
    };
  }
  const mismatch = /no matching/.test(at.error.message);
  return {
    what: mismatch
      ? `${at.label} and orchestrate have no way of encryption in common`
      : `the SSH handshake with ${at.label} broke off`,
    evidence: [...said(at), `the host: ${first}`],
    next: mismatch
      ? 'update OpenSSH on the machine'
      : 'run the same command again; then look at sshd’s log there',
    transient: !mismatch,
  };
}

function login(at: Case): Words {
  const { label, dial, progress, error } = at;
  const refused = error.level === 'client-authentication' || /too many authentication/i.test(error.message);
  if (!refused && error.level !== 'agent') {
    return {
      what: `${label} did not finish the login of ${dial.target.user}`,
      next: 'look at sshd’s log there (a slow PAM module, a full disk, /etc/nologin)',
    };
  }
  const evidence = [
    ...progress.offered.map((key) => `offered: ${key}`),
    ...dial.credentials.unusable.map((key) => `not usable: ${key}`),
    ...(progress.methodsLeft.length > 0 ? [`the host takes: ${progress.methodsLeft.join(', ')}`] : []),
    ...(refused && !/too many/i.test(error.message) ? [] : said(at)),
  ];
  if (progress.partly) {
    return {
      what: `${label} accepted the key of ${dial.target.user} and wants something more`,
      evidence,
      next: 'exempt this user from the second factor (AuthenticationMethods in sshd_config): nobody is there to type it',
      transient: false,
    };
  }
  if (error.level === 'agent') {
    return {
      what: `the agent did not sign the login on ${label}`,
      evidence,
      next: 'unlock the agent, confirm its question, or name a key file with identityFile in the inventory',
      transient: false,
    };
  }
  return {
    what: `${label} refuses the login of ${dial.target.user}`,
    evidence,
    next: /too many/i.test(error.message)
      ? 'name the right key with identityFile in the inventory and set IdentitiesOnly yes for the host in ~/.ssh/config'
      : `put one of these public keys into ~${dial.target.user}/.ssh/authorized_keys there, or correct user or identityFile in the inventory; it was tried once, because failed logins can lock this address out`,
    transient: false,
  };
}
