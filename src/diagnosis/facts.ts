import type { ConfigFile } from '../formats/file-finding.js';
import type { SignInJob } from '../formats/sign-in-job.js';

/** Everything that is read of a site to find out why a proof failed. null: it could not be read. */
export interface SiteFacts {
  readonly job: SiteJob;
  readonly prosody: ProsodyFacts;
  readonly nginx: NginxFacts;
  /** config.js as it lies on the host. */
  readonly page: ConfigFile | null;
  /** Whether `static/sso.html` lies where Jitsi's package puts it. */
  readonly hasSsoPage: boolean;
  readonly container: ContainerFacts | null;
  readonly keycloak: KeycloakFacts;
  /** Listening TCP sockets: `127.0.0.1:18080`. */
  readonly listening: readonly string[];
  /** The host's clock, in seconds since 1970. */
  readonly clockSeconds: number | null;
}

/** What signing in should be. */
export interface SiteJob extends SignInJob {
  /** As Prosody accepts it, byte for byte. */
  readonly issuer: string;
  readonly audience: string;
  /** Who signed in; null: nobody. */
  readonly username: string | null;
  /** Keycloak as the host reaches it; null where it is not known. */
  readonly keycloak: { readonly address: string; readonly port: number; readonly base: string } | null;
}

/** A file with the time of its last change, in seconds since 1970. */
export interface DatedFile extends ConfigFile {
  readonly changedAt: number;
}

/** A service of systemd. */
export interface ServiceFacts {
  /** `active`, `failed`, `inactive`; null where there is no systemd. */
  readonly state: string | null;
  /** When what runs now read its configuration, in seconds since 1970. */
  readonly startedAt: number | null;
}

export interface ProsodyFacts extends ServiceFacts {
  /** The main file and all that it includes, by their real paths. */
  readonly files: readonly DatedFile[];
  /** The site's file where Prosody does not include it. */
  readonly unlinked: DatedFile | null;
  /** Warnings and errors since the last start, oldest first. */
  readonly log: readonly string[];
  /** What systemd kept of the last start. */
  readonly journal: readonly string[];
  /** The version of its Lua, and which modules of the token plugin it cannot load. */
  readonly lua: { readonly version: string; readonly missing: readonly string[] } | null;
}

export interface NginxFacts extends ServiceFacts {
  readonly files: readonly DatedFile[];
  /** What `nginx -t` says when it does not accept the configuration. */
  readonly complaint: string | null;
  /** The certificate that the site's file names. */
  readonly certificate: DatedFile | null;
}

/** Keycloak's container, as far as it bears on signing in. */
export interface ContainerFacts {
  readonly name: string;
  readonly image: string;
  /** `running`, `exited`, `restarting`, `created`, `paused`. */
  readonly status: string;
  readonly exitCode: number;
  readonly outOfMemory: boolean;
  /** Options of Keycloak by their names on the command line, `hostname`: from the environment and the command. */
  readonly options: Readonly<Record<string, string>>;
  /** `127.0.0.1:18080`; `0.0.0.0:18080` for one that is open to all. */
  readonly published: readonly string[];
  readonly log: readonly string[];
}

/** What Keycloak itself says. */
export interface KeycloakFacts {
  /** The realm's own description, asked without nginx. */
  readonly direct: Answer;
  /** The same through the site's nginx. */
  readonly site: Answer;
  /** The keys at the address that Prosody asks. */
  readonly keys: Answer & { readonly newestKeyAt: number | null };
  /** null: the admin may not look, or there is no admin. */
  readonly realm: Known<RealmFacts>;
  readonly client: Known<ClientFacts>;
  readonly user: Known<UserFacts>;
}

/** `absent`: Keycloak says that there is none. */
export type Known<T> = T | 'absent' | null;

/** An answer by HTTP. `status` null: none, and `said` is the reason. */
export interface Answer {
  readonly status: number | null;
  readonly said: string;
  /** The issuer that it announces; null for another kind of answer. */
  readonly issuer: string | null;
  /** The server's clock, in seconds since 1970. */
  readonly clockSeconds: number | null;
}

export interface RealmFacts {
  readonly enabled: boolean;
  readonly frontendUrl: string | null;
  readonly accessTokenLifespan: number | null;
}

export interface ClientFacts {
  readonly enabled: boolean;
  readonly publicClient: boolean;
  readonly standardFlowEnabled: boolean;
  readonly fullScopeAllowed: boolean;
  readonly redirectUris: readonly string[];
  readonly webOrigins: readonly string[];
  readonly defaultClientScopes: readonly string[];
  readonly attributes: Readonly<Record<string, string>>;
  /** Names of the mappers that put an audience into tokens. */
  readonly audienceMappers: readonly { readonly name: string; readonly audience: string }[];
}

export interface UserFacts {
  readonly enabled: boolean;
  readonly email: string | null;
  readonly firstName: string | null;
  readonly lastName: string | null;
  readonly requiredActions: readonly string[];
}
