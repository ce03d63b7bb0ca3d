import { Duplex } from 'node:stream';
import type { Channel, Link } from './link.js';

/**
 * A channel as an ordinary stream. ssh2's own `destroy` neither marks the stream as destroyed nor passes the error
 * on, and a reply that a lost connection cut off looks to it like one that ended.
 */
export function wireOf(channel: Channel, link: Link): Duplex {
  const wire = new Duplex({
    read: () => void channel.resume(),
    write(chunk: Buffer, _encoding, done) {
      if (channel.write(chunk)) done();
      else channel.once('drain', done);
    },
    final(done) {
      channel.end();
      done();
    },
    destroy(error, done) {
      // Nobody reads any more, and an unread channel would never close.
      channel.removeAllListeners('data');
      channel.resume();
      channel.close();
      done(error);
    },
  });
  channel.on('data', (chunk: Buffer) => {
    if (!wire.push(chunk)) channel.pause();
  });
  channel.stderr.resume();
  channel.on('error', (error: Error) => wire.destroy(error));
  channel.once('end', () => {
    const lost = link.lost();
    if (lost === null) wire.push(null);
    else wire.destroy(new Error(lost));
  });
  channel.once('close', () => {
    if (wire.readableEnded) wire.destroy();
    else wire.once('end', () => wire.destroy());
  });
  return wire;
}
