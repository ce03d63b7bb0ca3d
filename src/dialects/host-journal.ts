/**
 * The host's own part of the journal, as words: what lies under `/var/lib/orchestrate` and the shell that writes it.
 *
 *     open               the run that is in progress, by name
 *     owed/<key>         one reaction that is due, as JSON
 *     runs/<run>/journal the records of that run on this host
 *     runs/<run>/blobs/  contents by SHA-256: those from before the run, and those that it laid down
 */
import { z } from 'zod';
import { canonical, type Json } from '../lib/json.js';
import { sha256 } from '../lib/digest.js';
import { type Debt, type JournalRecord, journalLine, readJournal } from '../model/journal.js';
import { ask, map, type Probe } from '../probe/probe.js';
import { lines, type Sh, sh } from '../shell/sh.js';

const base = '/var/lib/orchestrate';

/** Where the contents of a run lie on the host. */
export const blobFolder = (run: string): string => `${base}/runs/${run}/blobs`;

/** Equal debts share a key: two files of one service owe one restart. */
export const debtKey = (debt: Pick<Debt, 'kind' | 'props'>): string =>
  sha256(canonical({ kind: debt.kind, props: debt.props })).slice(0, 32);

/** What a host says about runs before this one. */
export interface HostState {
  /** A run that did not end, or null. */
  readonly open: string | null;
  readonly owed: readonly Debt[];
}

/** Reads {@link HostState}: part of the first round of every command. */
export const hostState: Probe<HostState> = ask(
  sh`cd /var/lib/orchestrate 2>/dev/null || exit 0
[ -f open ] && printf 'open %s\n' "$(head -c 100 open)"
for debt in owed/*; do [ -f "$debt" ] && printf 'owed %s\n' "$(head -c 10000 "$debt")"; done
exit 0`,
  ({ stdout }) => {
    const text = Buffer.from(stdout).toString('utf8').split('\n');
    const open = text.find((line) => line.startsWith('open '))?.slice(5) ?? '';
    const owed = text.filter((line) => line.startsWith('owed ')).flatMap((line) => debtIn(line.slice(5)));
    return { open: open !== '' && runName.safeParse(open).success ? open : null, owed };
  },
);

const catJournals = sh`cd /var/lib/orchestrate/runs 2>/dev/null || exit 0
for journal in */journal; do [ -f "$journal" ] && cat "$journal" && echo; done
exit 0`;

/** Reads the journals of all runs that the host keeps. */
export const hostJournals: Probe<readonly JournalRecord[]> = map(
  ask(catJournals, ({ stdout }) => Buffer.from(stdout).toString('utf8')),
  (text) => readJournal(text).filter((record) => recordSchema.safeParse(record).success),
);

/** What is written, and synced to disk, before a change. */
export interface Beginning {
  readonly run: string;
  readonly records: readonly JournalRecord[];
  readonly debts: readonly Debt[];
  readonly blobs: readonly { readonly sha256: string; readonly bytes: Uint8Array }[];
  /** Copies of what is about to be replaced. */
  readonly keep: Sh | null;
}

/**
 * Shell that lays the contents, the debts and the records of one change, then syncs them. When it fails (a full disk)
 * it takes away what is not whole, so that there is room for the records of the way back.
 */
export function beginChange(beginning: Beginning): Sh {
  const run = `${base}/runs/${beginning.run}`;
  return lines(
    sh`set -e
[ ! -L ${base} ] || { echo ${`${base} is a symbolic link`} >&2; exit 1; }
mkdir -p ${`${run}/blobs`} ${`${base}/owed`}
chmod 700 ${base}
cd ${run}
torn=
leave() {
  [ "$1" != 0 ] || return 0
  [ -z "$torn" ] || rm -f -- "$torn"
  [ -s journal ] || rm -f journal
  cd /
  rmdir ${[`${run}/blobs`, run, `${base}/runs`, `${base}/owed`, base]} 2>/dev/null
}
trap 'leave $?' EXIT`,
    ...beginning.blobs.map(layBlob),
    ...(beginning.keep === null ? [] : [sh`( ${beginning.keep} )`]),
    ...beginning.debts.map(layDebt),
    appendTo(run, beginning.records),
    sh`{ read -r open <${`${base}/open`}; } 2>/dev/null || :
[ "$open" = ${beginning.run} ] || printf %s ${beginning.run} >${`${base}/open`}
sync journal blobs/* . ${`${base}/owed`} ${base} 2>/dev/null || sync`,
  );
}

/** Shell that adds records to the journal of a run. */
export const appendRecords = (run: string, records: readonly JournalRecord[]): Sh =>
  lines(
    sh`set -e`,
    appendTo(`${base}/runs/${run}`, records),
    sh`sync ${`${base}/runs/${run}/journal`} 2>/dev/null || sync`,
  );

/** Shell that forgets a debt that was paid. */
export const payDebt = (debt: Debt): Sh => sh`rm -f -- ${`${base}/owed/${debtKey(debt)}`}`;

/** Shell that writes debts down. */
export const oweDebts = (debts: readonly Debt[]): Sh =>
  lines(
    sh`set -e
mkdir -p ${`${base}/owed`}`,
    ...debts.map(layDebt),
    sh`sync ${`${base}/owed`} 2>/dev/null || sync`,
  );

/** Shell that ends a run on this host. */
export const endRun = (run: string, record: JournalRecord): Sh =>
  lines(appendRecords(run, [record]), sh`rm -f -- ${`${base}/open`}`);

/** Begins with an empty line: what a crash tore off before it stays a line of its own. */
const appendTo = (folder: string, records: readonly JournalRecord[]): Sh =>
  sh`printf '\n%s' ${records.map(journalLine).join('')} >>${`${folder}/journal`}`;

/** In one step: a debt that was there is not lost when the disk is full. */
function layDebt(debt: Debt): Sh {
  const key = debtKey(debt);
  return sh`printf '%s\n' ${JSON.stringify(debt)} >${`${base}/owed/.${key}`}
mv -f -- ${`${base}/owed/.${key}`} ${`${base}/owed/${key}`}`;
}

/** Whole or not at all, under a name that others may use at the same time. A shell word cannot hold NUL: base64 can. */
function layBlob({ sha256: digest, bytes }: Beginning['blobs'][number]): Sh {
  const path = `blobs/${digest}`;
  const write = bytes.includes(0)
    ? sh`printf %s ${Buffer.from(bytes).toString('base64')} | base64 -d >"$torn"`
    : sh`printf %s ${bytes} >"$torn"`;
  return sh`[ -e ${path} ] || { torn=${path}.$$; ${write}; mv -f -- "$torn" ${path}; }`;
}

const runName = z.string().regex(/^[0-9A-Za-z][0-9A-Za-z-]{0,60}$/);
const json: z.ZodType<Json> = z.json();
const debt = z.object({ task: z.string(), kind: z.string(), props: json });
const stamp = { run: runName, at: z.string() };
const recordSchema = z.discriminatedUnion('is', [
  z.object({ is: z.literal('run'), ...stamp, command: z.string(), graph: z.string(), by: z.string() }),
  z.object({
    is: z.literal('intent'),
    ...stamp,
    seq: z.number().int(),
    task: z.string(),
    kind: z.string(),
    version: z.number().int(),
    id: json,
    from: json,
    to: json,
    owes: z.array(debt),
  }),
  z.object({ is: z.literal('done'), ...stamp, seq: z.number().int(), left: json }),
  z.object({ is: z.literal('firing'), ...stamp, debt }),
  z.object({ is: z.literal('undone'), ...stamp, seq: z.number().int() }),
  z.object({
    is: z.literal('end'),
    ...stamp,
    outcome: z.enum(['done', 'rolled-back', 'needs-a-person', 'kept']),
  }),
]);

function debtIn(text: string): Debt[] {
  try {
    const parsed = debt.safeParse(JSON.parse(text));
    return parsed.success ? [parsed.data] : [];
  } catch {
    return [];
  }
}
