import { sha256 } from '../../lib/digest.js';
import { canonical } from '../../lib/json.js';
import { inputsLabel } from './name.js';

/** What an image is built from: the text of a Dockerfile, and files beside it by their relative path. */
export interface Build {
  readonly dockerfile: string;
  readonly files?: Readonly<Record<string, string>>;
}

/** One `FROM` of a Dockerfile. */
interface Stage {
  readonly base: string;
  readonly alias: string | null;
  /** Index of the line after the instruction. */
  readonly end: number;
}

/** Why we do not build from this; null when we do. */
export function buildComplaint({ dockerfile, files = {} }: Build): string | null {
  const astray = Object.keys(files).find((path) => !/^(?!\/)(?!.*(?:^|\/)\.{0,2}(?:\/|$))[^\0]+$/.test(path));
  if (astray !== undefined) return `${JSON.stringify(astray)} is not a plain relative path`;
  if ('Dockerfile' in files) return 'the Dockerfile is given as a text, not among the files';
  // Both change where an instruction ends; the classic builder does not know the second at all.
  if (/^#\s*escape\s*=/im.test(dockerfile)) return 'the Dockerfile sets an escape character of its own';
  if (/^\s*(?:RUN|COPY|ADD)\b.*<<-?["']?\w/im.test(dockerfile)) return 'the Dockerfile has a here-document';
  return stagesOf(dockerfile).length === 0 ? 'the Dockerfile has no FROM' : null;
}

/** The digest of everything that goes in: text, files, and the images it starts from by their names. */
export const inputsOf = ({ dockerfile, files = {} }: Build): string =>
  sha256(canonical({ bases: basesOf(dockerfile), dockerfile, files: { ...files } }));

/** The images that must be on the host before the build. One whose name is computed from an ARG is not listed. */
export function basesOf(dockerfile: string): readonly string[] {
  const stages = stagesOf(dockerfile);
  const aliases = new Set(stages.map((stage) => stage.alias));
  const bases = stages.map((stage) => stage.base).filter((base) => base !== 'scratch' && !base.includes('$'));
  return [...new Set(bases)].filter((base) => !aliases.has(base.toLowerCase()));
}

/** The Dockerfile with the digest as a label on every stage, so that leftovers of each can be told as ours. */
export function labelled(dockerfile: string, inputs: string): string {
  const ends = new Set(stagesOf(dockerfile).map((stage) => stage.end));
  const label = `LABEL ${inputsLabel}="${inputs}"`;
  const lines = dockerfile.split('\n');
  const out = lines.flatMap((line, index) => (ends.has(index) ? [label, line] : [line]));
  return ends.has(lines.length) ? `${out.join('\n')}\n${label}\n` : out.join('\n');
}

function stagesOf(dockerfile: string): readonly Stage[] {
  return instructionsOf(dockerfile).flatMap(({ text, end }) => {
    const words = text.trim().split(/\s+/);
    if (words[0]?.toUpperCase() !== 'FROM') return [];
    const [base, as, alias] = words.slice(1).filter((word) => !word.startsWith('--'));
    if (base === undefined) return [];
    return [{ base, alias: as?.toUpperCase() === 'AS' ? (alias?.toLowerCase() ?? null) : null, end }];
  });
}

/** Instructions with their continuation lines joined. A comment between continuation lines does not end one. */
function instructionsOf(dockerfile: string): readonly { readonly text: string; readonly end: number }[] {
  const found: { text: string; end: number }[] = [];
  let text = '';
  dockerfile.split('\n').forEach((line, index) => {
    if (/^\s*(?:#.*)?\r?$/.test(line)) return;
    const open = /\\\s*$/.exec(line);
    text += open === null ? line : `${line.slice(0, open.index)} `;
    if (open !== null) return;
    found.push({ text, end: index + 1 });
    text = '';
  });
  return found;
}
