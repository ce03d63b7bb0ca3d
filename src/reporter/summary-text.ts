import type { RunEvent } from '../model/event.js';
import { pad, type Paint, safe } from './terminal.js';
import { count, outcomeStyle, outcomeText, taskName, timeText } from './words.js';

type Summary = RunEvent & { type: 'summary' };
type Figures = RunEvent & { type: 'figures' };

/** With more hosts than this, only those that need somebody get a row. */
const mostRows = 20;

/** Remembers what the end of a run has to say. */
export interface SummaryKeeper {
  note(event: RunEvent): void;
  lines(summary: Summary): readonly string[];
}

/** Keeps the first failure of each host, and the figures. `readsOnly`: that nothing changed needs no row. */
export function summaryKeeper(paint: Paint, readsOnly: boolean): SummaryKeeper {
  const failures = new Map<string, string>();
  const seen: { figures: Figures | null } = { figures: null };
  return {
    note: (event) => {
      if (event.type === 'figures') seen.figures = event;
      if (!('failure' in event && 'host' in event) || failures.has(event.host)) return;
      const { what } = event.failure;
      failures.set(event.host, 'task' in event ? `${taskName(event)}: ${what}` : what);
    },
    lines: (summary) => summaryLines(summary, { paint, failures, readsOnly, figures: seen.figures }),
  };
}

interface SummaryOptions {
  readonly paint: Paint;
  readonly failures: ReadonlyMap<string, string>;
  readonly readsOnly: boolean;
  readonly figures: Figures | null;
}

/** One row for each host that a person should know of, then the numbers. */
function summaryLines(event: Summary, options: SummaryOptions): readonly string[] {
  const hosts = Object.entries(event.hosts);
  if (hosts.length === 0) return [];
  const { paint, failures, readsOnly } = options;
  const isFine = (outcome: string): boolean => outcome === 'done' || outcome === 'unchanged';
  const notable = hosts.filter(([, { outcome }]) => !isFine(outcome));
  const shown = hosts.length > mostRows || readsOnly ? notable : hosts;
  const nameWidth = Math.max(0, ...shown.map(([name]) => name.length));
  const rows = shown.map(([name, { outcome, changed }]) => {
    const said = `${paint(outcomeStyle(outcome), pad(outcomeText(outcome), 14))}  ${pad(count(changed, 'change'), 10)}`;
    return `${pad(safe(name), nameWidth)}  ${said}  ${safe(failures.get(name) ?? '')}`.trimEnd();
  });
  return [
    '',
    ...rows,
    endText(event, options.figures),
    paint('faint', `exit code ${event.exitCode}, run ${safe(event.run)}`),
  ];
}

function endText(event: Summary, figures: Figures | null): string {
  const outcomes = new Map<string, number>();
  for (const { outcome } of Object.values(event.hosts)) {
    outcomes.set(outcomeText(outcome), (outcomes.get(outcomeText(outcome)) ?? 0) + 1);
  }
  const hosts = [...outcomes].map(([outcome, number]) => `${number} ${outcome}`).join(', ');
  const parts = [
    `${count(Object.keys(event.hosts).length, 'host')}: ${hosts}`,
    count(event.changed, 'change'),
  ];
  if (figures !== null) {
    const trips = Object.values(figures.roundTrips);
    const [least, most] = [Math.min(...trips), Math.max(...trips)];
    parts.push(count(figures.handshakes, 'SSH handshake'));
    if (trips.length > 0) parts.push(`${least === most ? least : `${least} to ${most}`} round trips a host`);
    parts.push(timeText(figures.ms));
  }
  return parts.join('; ');
}
