import { type Host, must } from '../lab/host.js';
import { canaries } from './fleet.js';
import type { Loose } from './keycloak-admin.js';

/** The admin API of the Keycloak on a lab host, asked there by `curl`: a way beside our own client. */
export interface LabKeycloak {
  get<T = Loose>(path: string): Promise<T>;
  post(path: string, body: unknown): Promise<void>;
  put(path: string, body?: unknown): Promise<void>;
  remove(path: string, body?: unknown): Promise<void>;
}

/** Paths begin behind `/admin/realms/`. */
export function labKeycloak(host: Host): LabKeycloak {
  const ask = (method: string, path: string, body?: unknown): Promise<string> =>
    must(
      host,
      `umask 077; cd "$(mktemp -d)"; base=http://127.0.0.1:18080
cat >password <<'END_OF_TEXT'
${canaries.KEYCLOAK_ADMIN_PASSWORD}
END_OF_TEXT
printf %s "$(cat password)" >value
curl -sSf -d grant_type=password -d client_id=admin-cli -d username=admin --data-urlencode password@value $base/realms/master/protocol/openid-connect/token |
  sed 's/.*"access_token":"\\([^"]*\\)".*/Authorization: Bearer \\1/' >header
cat >body <<'END_OF_TEXT'
${body === undefined ? '' : JSON.stringify(body)}
END_OF_TEXT
curl -sS --fail-with-body -X ${method} -H @header -H content-type:application/json ${body === undefined ? '' : '--data-binary @body'} "$base/admin/realms/${path}"`,
    );
  return {
    get: async <T>(path: string) => JSON.parse(await ask('GET', path)) as T,
    post: async (path, body) => {
      await ask('POST', path, body);
    },
    put: async (path, body) => {
      await ask('PUT', path, body);
    },
    remove: async (path, body) => {
      await ask('DELETE', path, body);
    },
  };
}
