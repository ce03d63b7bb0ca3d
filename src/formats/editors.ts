import { editJitsiConfig, type JitsiConfigEdit } from './jitsi-config/index.js';
import { maskJavaScript } from './javascript/index.js';
import { editNginx, maskNginx, type NginxEdit } from './nginx/index.js';
import type { EditOutcome } from './outcome.js';
import { editProsody } from './prosody/apply.js';
import type { ProsodyEdit } from './prosody/edit.js';
import { maskProsody } from './prosody/mask.js';

/** Edits of one config file, as data, with the language that the file is written in. */
export type FileEdit =
  | { readonly format: 'prosody'; readonly edits: readonly ProsodyEdit[] }
  | { readonly format: 'nginx'; readonly edits: readonly NginxEdit[] }
  | { readonly format: 'jitsi-config'; readonly edits: readonly JitsiConfigEdit[] };

/** Makes all edits, or none. Bytes that no edit asks for stay. */
export function editFile(bytes: Uint8Array, edit: FileEdit): EditOutcome {
  switch (edit.format) {
    case 'prosody':
      return editProsody(bytes, edit.edits);
    case 'nginx':
      return editNginx(bytes, edit.edits);
    case 'jitsi-config':
      return editJitsiConfig(bytes, edit.edits);
  }
}

/** The text with the values of secret-like options masked, for people to read. */
export function maskFile(text: string, format: FileEdit['format']): string {
  switch (format) {
    case 'prosody':
      return maskProsody(text);
    case 'nginx':
      return maskNginx(text);
    case 'jitsi-config':
      return maskJavaScript(text);
  }
}
