/** Control, format and bidirectional characters: what could steer a terminal or disguise a text. */
const steering = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Co}\p{Cs}]/gu;

/** Text of a host, safe to show on one line: what could steer a terminal becomes `?`, and it is cut at `max` characters. */
export function printable(text: string, max = 300): string {
  const shown = text.replaceAll('\t', ' ').replaceAll(steering, '?');
  return shown.length <= max ? shown : `${shown.slice(0, max - 1)}…`;
}

/** The last `count` lines of what a host printed that are not empty, each {@link printable}. */
export const lastLines = (output: Uint8Array | string, count: number): readonly string[] =>
  (typeof output === 'string' ? output : Buffer.from(output).toString('utf8'))
    .split(/\r\n|\n|\r/)
    .filter((line) => line.trim() !== '')
    .slice(-count)
    .map((line) => printable(line));
