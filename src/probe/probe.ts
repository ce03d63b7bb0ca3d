import type { HttpRequest, HttpResponse } from '../shell/http-request.js';
import type { Reply } from '../shell/batch.js';
import type { Sh } from '../shell/sh.js';

/** One read-only question to a host: a piece of shell, or an HTTP request made from the host. */
export type Ask = Sh | HttpRequest;

/** The answer to an {@link Ask}. `none` means that there was no answer: refused, timed out, cut off. */
export type Answer =
  | ({ readonly is: 'reply' } & Reply)
  | ({ readonly is: 'response' } & HttpResponse)
  | { readonly is: 'none'; readonly because: string };

/**
 * A reading: done, or waiting for answers. Because it is data, all readings of a host become one round trip a
 * round, and a reading cannot change anything.
 */
export type Probe<T> =
  | { readonly done: true; readonly value: T }
  | {
      readonly done: false;
      readonly asks: readonly Ask[];
      readonly resume: (answers: readonly Answer[]) => Probe<T>;
    };

/** Thrown by a parser when the thing cannot be read now. What comes before it in the graph may change that. */
export class Unreadable extends Error {
  override readonly name = 'Unreadable';
}

/** A reading that needs no question. */
export const known = <T>(value: T): Probe<T> => ({ done: true, value });

/** Asks by shell. The code must be a read: it runs for `plan` too. */
export function ask<T>(question: Sh, parse: (reply: Reply) => T): Probe<T> {
  return { done: false, asks: [question], resume: ([answer]) => known(parse(replyOf(answer))) };
}

/** Asks by HTTP. `parse` gets the response; no answer at all is {@link Unreadable}. */
export function request<T>(question: HttpRequest, parse: (response: HttpResponse) => T): Probe<T> {
  return { done: false, asks: [question], resume: ([answer]) => known(parse(responseOf(answer))) };
}

/** Asks by HTTP where no answer is an answer too: `parse` gets the response or the reason why there is none. */
export function attempt<T>(question: HttpRequest, parse: (response: HttpResponse | string) => T): Probe<T> {
  return {
    done: false,
    asks: [question],
    resume: ([answer]) => known(parse(answer?.is === 'none' ? answer.because : responseOf(answer))),
  };
}

/** Changes the value of a reading. */
export const map = <A, B>(probe: Probe<A>, change: (value: A) => B): Probe<B> =>
  andThen(probe, (value) => known(change(value)));

/** A reading that depends on another: one more round. */
export function andThen<A, B>(probe: Probe<A>, next: (value: A) => Probe<B>): Probe<B> {
  if (probe.done) return next(probe.value);
  return { done: false, asks: probe.asks, resume: (answers) => andThen(probe.resume(answers), next) };
}

/** Several readings side by side, by name. Their rounds coincide. */
export function all<T extends Readonly<Record<string, unknown>>>(
  probes: { readonly [K in keyof T]: Probe<T[K]> },
): Probe<T> {
  const names = Object.keys(probes) as (keyof T & string)[];
  const open = names.filter((name) => !probes[name].done);
  if (open.length === 0) {
    return known(Object.fromEntries(names.map((name) => [name, valueOf(probes[name])])) as unknown as T);
  }
  return {
    done: false,
    asks: open.flatMap((name) => asksOf(probes[name])),
    resume: (answers) => all<T>(resumeEach(probes, open, answers) as typeof probes),
  };
}

/** Hands each open probe its own answers, in order. */
function resumeEach(
  probes: Readonly<Record<string, Probe<unknown>>>,
  open: readonly string[],
  answers: readonly Answer[],
): Readonly<Record<string, Probe<unknown>>> {
  const next: Record<string, Probe<unknown>> = { ...probes };
  let at = 0;
  for (const name of open) {
    const probe = probes[name];
    if (probe === undefined || probe.done) continue;
    next[name] = probe.resume(answers.slice(at, at + probe.asks.length));
    at += probe.asks.length;
  }
  return next;
}

const asksOf = (probe: Probe<unknown>): readonly Ask[] => (probe.done ? [] : probe.asks);

function valueOf(probe: Probe<unknown>): unknown {
  if (!probe.done) throw new TypeError('the reading is not done');
  return probe.value;
}

function replyOf(answer: Answer | undefined): Reply {
  if (answer?.is === 'reply') return answer;
  throw new Unreadable(answer?.is === 'none' ? answer.because : 'the host gave no reply');
}

function responseOf(answer: Answer | undefined): HttpResponse {
  if (answer?.is === 'response') return answer;
  throw new Unreadable(answer?.is === 'none' ? answer.because : 'the host gave no response');
}
