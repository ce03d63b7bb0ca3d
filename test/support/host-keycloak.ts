import type { Host } from '../lab/host.js';
import { must } from '../lab/host.js';
import { canaries } from './fleet.js';

/** The admin API of the Keycloak on a lab host, asked on the host itself by `curl`: a witness beside our client. */
export interface HostKeycloak {
  get<T>(path: string): Promise<T>;
  /** Gives the last part of the `Location` of what was made. */
  post(path: string, body: unknown): Promise<string>;
  put(path: string, body: unknown): Promise<void>;
  remove(path: string): Promise<void>;
}

/** Paths begin behind `/admin/realms`. A token lasts a minute, so each call gets its own. */
export function keycloakOn(host: Host, port = 18080): HostKeycloak {
  const ask = async (method: string, path: string, body?: unknown): Promise<string> =>
    must(
      host,
      `set -eu; umask 077; base=http://127.0.0.1:${port}; work=$(mktemp -d); trap 'rm -rf "$work"' EXIT; cd "$work"
cat >password <<'END_OF_PASSWORD'
${canaries.KEYCLOAK_ADMIN_PASSWORD}
END_OF_PASSWORD
printf %s "$(cat password)" >value
curl -sSf --data-urlencode grant_type=password --data-urlencode client_id=admin-cli --data-urlencode username=admin --data-urlencode password@value $base/realms/master/protocol/openid-connect/token >token
cat >body <<'END_OF_BODY'
${body === undefined ? '' : JSON.stringify(body)}
END_OF_BODY
printf 'Authorization: Bearer %s\\n' "$(sed 's/.*"access_token":"\\([^"]*\\)".*/\\1/' token)" >header
curl -sS -D answer -X ${method} -H @header ${body === undefined ? '' : '-H content-type:application/json --data-binary @body'} "$base/admin/realms${path}" >out
head -n 1 answer | grep -q ' 20' || { cat answer out >&2; exit 1; }
sed -n 's/\\r$//; s/^[Ll]ocation: .*\\///p' answer
cat out`,
    );
  return {
    get: async (path) => JSON.parse(await ask('GET', path)) as never,
    post: async (path, body) => (await ask('POST', path, body)).trim(),
    put: async (path, body) => {
      await ask('PUT', path, body);
    },
    remove: async (path) => {
      await ask('DELETE', path);
    },
  };
}
