import { sha256 } from '../../lib/digest.js';
import { canonical } from '../../lib/json.js';
import type { Reply } from '../../shell/batch.js';
import { sh, type Sh } from '../../shell/sh.js';
import type { ClientRef } from './client.js';

/**
 * A client that becomes public loses its secret: Keycloak throws it away and would make another one on the way back
 * (measured on 26.7.3). So the secret waits on the host, root's alone, for as long as the change may be undone.
 * While the client is public it opens nothing.
 */
const folder = '/var/lib/orchestrate/keys/client-secrets';

/** Keeps the secret. */
export const keepClientSecret = (ref: ClientRef, secret: string): Sh => sh`
set -e
umask 077
mkdir -p ${folder}
printf '%s' ${secret} >${fileOf(ref)}.new
mv ${fileOf(ref)}.new ${fileOf(ref)}`;

/** Asks for the kept secret. No such file: code 1. */
export const askClientSecret = (ref: ClientRef): Sh => sh`[ -r ${fileOf(ref)} ] && cat ${fileOf(ref)}`;

/** The answer to {@link askClientSecret}; null when none was kept. */
export const readClientSecret = ({ code, stdout }: Reply): string | null =>
  code === 0 && stdout.length > 0 ? Buffer.from(stdout).toString() : null;

/** Forgets the kept secret. */
export const forgetClientSecret = (ref: ClientRef): Sh => sh`rm -f ${fileOf(ref)}`;

const fileOf = ({ server, realm, clientId }: ClientRef): string =>
  `${folder}/${sha256(
    canonical([server.endpoint.address, server.endpoint.port, server.basePath ?? '', realm, clientId]),
  )}`;
