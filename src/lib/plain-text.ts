/** Everything that could move a cursor, change a colour or hide text: C0, DEL, C1, bidirectional and zero-width marks. */
const steering = /[\u0000-\u001f\u007f-\u009f\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]+/g;

/** What a host said, as one line that can be shown to a person: nothing in it steers a terminal, and it is short. */
export function plainText(text: string, maxCharacters = 300): string {
  const line = text.replace(steering, ' ').replace(/ {2,}/g, ' ').trim();
  return line.length <= maxCharacters ? line : `${line.slice(0, maxCharacters)}…`;
}
