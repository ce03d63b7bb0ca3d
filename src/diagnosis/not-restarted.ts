import type { DatedFile, ServiceFacts } from './facts.js';
import type { Rule } from './rule.js';

/** The age of a process is known to the second. */
const blurSeconds = 1;

/** The file that was changed last, when the service has not read it since. */
export function changedSince(
  { startedAt }: ServiceFacts,
  files: readonly DatedFile[],
): (DatedFile & { readonly afterSeconds: number }) | null {
  const last = files.reduce<DatedFile | null>(
    (latest, file) => (latest === null || file.changedAt > latest.changedAt ? file : latest),
    null,
  );
  if (startedAt === null || last === null || last.changedAt <= startedAt + blurSeconds) return null;
  return { ...last, afterSeconds: Math.round(last.changedAt - startedAt) };
}

/** Prosody runs with what the file said before. A reload does not change how a host authenticates. */
export const notRestarted: Rule = {
  name: 'not-restarted',
  explains: [
    ...([
      'gate-open',
      'gate-shut',
      'guests-refused',
      'guest-alone',
      'guest-not-admitted',
      'room-shut',
    ] as const),
    ...(['issuer-refused', 'audience-refused', 'token-refused', 'token-unanswered', 'prosody-away'] as const),
  ],
  find({ prosody }) {
    const changed = changedSince(prosody, prosody.files);
    if (changed === null) return null;
    return {
      what: `Prosody was started ${changed.afterSeconds} s before its file was changed, and still does what the file said then; a reload changes neither hosts nor how they sign people in`,
      where: `${changed.path}:1`,
      fix: 'restart Prosody: `systemctl restart prosody`',
    };
  },
};
