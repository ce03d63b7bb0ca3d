import { z } from 'zod';
import { andThen, known, type Probe, request } from '../../probe/probe.js';
import { readReply } from './reply.js';
import { manyIdentified } from './representation.js';
import { findUser, findSessions, userErrand, userIn, type UserRef } from './user.js';

/** A session of a user, as Keycloak's admin sees it. */
export interface UserSession {
  readonly id: string;
  /** The address that Keycloak believes the browser to have. */
  readonly ipAddress: string;
}

const sessions = z.array(z.object({ id: z.string(), ipAddress: z.string().default('') }));

/** Reads the sessions of a user; none when there is no such user. */
export function readSessions(ref: UserRef): Probe<readonly UserSession[]> {
  const errand = userErrand('read the sessions of', ref);
  return andThen(
    request(findUser(ref), (response) => userIn(readReply(response, manyIdentified, errand), ref.username)),
    (user) =>
      user === null
        ? known([])
        : request(findSessions(ref, user.id), (response) => readReply(response, sessions, errand) ?? []),
  );
}
