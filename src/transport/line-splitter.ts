import { StringDecoder } from 'node:string_decoder';

/** A longer line is handed on in pieces, so that a host which never ends a line cannot fill the memory. */
const longestLine = 64 * 1024;

/** Cuts a stream of bytes into lines of text, decoded once over chunk borders. */
export interface LineSplitter {
  add(chunk: Uint8Array): void;
  /** Hands on the last line when it had no end. */
  end(): void;
}

/** @param onLine gets each line without its ending, `\n` or `\r\n` */
export function lineSplitter(onLine: (line: string) => void): LineSplitter {
  const decoder = new StringDecoder('utf8');
  let rest = '';
  const hand = (text: string): void => onLine(text.endsWith('\r') ? text.slice(0, -1) : text);
  return {
    add(chunk) {
      const parts = (rest + decoder.write(Buffer.from(chunk))).split('\n');
      rest = parts.pop() ?? '';
      for (const part of parts) hand(part);
      while (rest.length > longestLine) {
        onLine(rest.slice(0, longestLine));
        rest = rest.slice(longestLine);
      }
    },
    end() {
      rest += decoder.end();
      if (rest !== '') hand(rest);
      rest = '';
    },
  };
}
