/**
 * The front door: everything that a graph may use.
 *
 * A graph file exports `graph({ name, vars, build })` by default; see `tasks/README.md`.
 */
export { z } from 'zod';
export { type GraphDefinition, type GraphScope, graph, type ProofSection } from './model/graph.js';
export type { Host, Login } from './model/host.js';
export type { AddTask, GraphHost, ReactionOptions, TaskOptions, TaskRef } from './model/task.js';
export type {
  AnyKind,
  CheckKind,
  Difference,
  Observed,
  ProofKind,
  ReactionKind,
  Remote,
  ResourceKind,
  Step,
  Verdict,
  Wanted,
} from './model/kind.js';
export { Failed, type FailureData, type FailureReason } from './model/failure.js';
export * from './model/vars.js';

export { type Sh, sh } from './shell/sh.js';
export { type SecretRef, secret } from './shell/secret.js';
export type { HttpRequest, HttpResponse } from './shell/http-request.js';
export { all, andThen, ask, attempt, known, map, type Probe, request, Unreadable } from './probe/probe.js';

export * from './kinds/index.js';

export type { FileEdit } from './formats/editors.js';
export { type ProsodyEdit, prosody } from './formats/prosody/edit.js';
export {
  expectRoute,
  location,
  type NginxEdit,
  removeLocation,
  type Statement,
  variable,
} from './formats/nginx/index.js';
export { jitsiConfig, type JitsiConfigEdit } from './formats/jitsi-config/index.js';

export { jitsiClient, jitsiRealm, jitsiUser, plainRealm } from './dialects/keycloak/jitsi-client.js';
export type { KeycloakServer } from './dialects/keycloak/server.js';
export {
  type KeycloakSetup,
  keycloakBase,
  keycloakContainer,
  keycloakImage,
  keycloakReady,
  keycloakVolume,
  keycloakWipe,
} from './dialects/keycloak-server.js';
