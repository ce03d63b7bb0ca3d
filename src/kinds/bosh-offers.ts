import { Unmet } from '../dialects/unmet.js';
import { openSession, readBosh, terminate, type XmppVisit } from '../dialects/xmpp/bosh.js';
import { mechanismsIn } from '../dialects/xmpp/sasl.js';
import type { CheckKind, Verdict } from '../model/kind.js';
import { andThen, attempt, known, map, type Probe } from '../probe/probe.js';
import type { HttpResponse } from '../shell/http-request.js';

/** What Prosody itself must offer for an XMPP host, asked at its own HTTP port. */
export interface BoshOffers {
  readonly host: string;
  /** A SASL mechanism: `ANONYMOUS`, which carries tokens too. */
  readonly mechanism: string;
  /** Default 5280. */
  readonly port?: number;
}

/** A request number to begin with; the session is ended at once. */
const firstRequest = 1;

/**
 * Prosody serves a host and offers a way to sign in to it. A module that did not load shows here as no mechanism at
 * all, while the service looks healthy and its own check passes.
 */
export const boshOffers: CheckKind<BoshOffers> = {
  shape: 'check',
  name: 'bosh.offers',
  probe: (props) => {
    const going: XmppVisit = {
      site: { domain: props.host, endpoint: { address: '127.0.0.1', port: props.port ?? 5280 } },
      to: props.host,
      room: 'orchestrate-check',
      token: null,
    };
    return andThen(
      attempt(openSession(going, firstRequest), (response) => response),
      (response) => judge(props, going, response),
    );
  },
};

function judge(
  { host, mechanism }: BoshOffers,
  going: XmppVisit,
  response: HttpResponse | string,
): Probe<Verdict> {
  const next = 'see `journalctl -u prosody` and /var/log/prosody/prosody.log on the host';
  if (typeof response === 'string') {
    return known({
      ok: false,
      because: 'Prosody does not answer at its HTTP port',
      evidence: [response],
      next,
    });
  }
  const opened = readOpened(response);
  if ('because' in opened) return known({ ok: false, ...opened, next });
  const verdict: Verdict = opened.payload.flatMap(mechanismsIn).includes(mechanism)
    ? { ok: true }
    : {
        ok: false,
        because: `Prosody offers no sign-in for ${host}: the module that its \`authentication\` names did not load`,
        evidence: opened.ended === null ? [] : [`Prosody ended the session: ${opened.ended}`],
        next,
      };
  if (opened.sid === null) return known(verdict);
  return map(
    attempt(terminate(going, opened.sid, firstRequest + 1), () => null),
    () => verdict,
  );
}

function readOpened(response: HttpResponse) {
  try {
    return readBosh(response);
  } catch (error) {
    if (!(error instanceof Unmet)) throw error;
    return { because: error.message, evidence: error.evidence };
  }
}
