import { type AddressInfo, createServer } from 'node:net';
import { createInterface } from 'node:readline';

/** A mail server that takes every login and remembers it. */
export interface SmtpEar extends AsyncDisposable {
  readonly port: number;
  /** `user:password` of each login. */
  readonly logins: readonly string[];
}

/** Starts the mail server on loopback: just enough SMTP to be logged in to and to take a message. */
export async function smtpEar(): Promise<SmtpEar> {
  const logins: string[] = [];
  const server = createServer((socket) => {
    const state = { inMessage: false };
    const answer = (line: string): string => {
      if (state.inMessage) {
        if (line !== '.') return '';
        state.inMessage = false;
        return '250 taken\r\n';
      }
      const plain = /^AUTH PLAIN (\S+)/.exec(line)?.[1];
      if (plain !== undefined)
        logins.push(Buffer.from(plain, 'base64').toString().split('\0').slice(1).join(':'));
      if (line.startsWith('EHLO')) return '250-here\r\n250 AUTH PLAIN\r\n';
      if (line.startsWith('AUTH')) return '235 in\r\n';
      state.inMessage = line === 'DATA';
      return state.inMessage ? '354 go on\r\n' : '250 fine\r\n';
    };
    socket.write('220 here\r\n');
    socket.on('error', () => undefined);
    // A line may arrive in pieces, and the end of a line as well.
    createInterface({ input: socket, crlfDelay: Infinity }).on('line', (line) => socket.write(answer(line)));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    port: (server.address() as AddressInfo).port,
    logins,
    [Symbol.asyncDispose]: () => new Promise((resolve) => server.close(() => resolve())),
  };
}
