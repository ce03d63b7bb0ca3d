import { canonical, type Json } from '../lib/json.js';
import { identityOf } from '../shell/sh.js';
import type { Answer, Ask, Probe } from './probe.js';

/** The end of one reading: its value, or what its parser threw. */
export type Reading<T> =
  | { readonly is: 'read'; readonly value: T }
  | { readonly is: 'threw'; readonly error: unknown };

/** Answers all questions of one round, in their order. */
export type AnswerRound = (asks: readonly Ask[]) => Promise<readonly Answer[]>;

/**
 * Brings many readings to their ends together: each round asks every open question once, equal questions only once.
 * Resolves to one reading a probe, in order, and never rejects because of a parser.
 */
export async function settle<T>(
  probes: readonly Probe<T>[],
  answerRound: AnswerRound,
): Promise<readonly Reading<T>[]> {
  const open = new Map<number, Probe<T>>(probes.map((probe, index) => [index, probe]));
  const readings: Reading<T>[] = [];
  for (;;) {
    for (const [index, probe] of open) {
      if (!probe.done) continue;
      readings[index] = { is: 'read', value: probe.value };
      open.delete(index);
    }
    if (open.size === 0) return readings;
    const answers = await answerAll([...open.values()], answerRound);
    for (const [index, probe] of [...open]) {
      if (probe.done) continue;
      try {
        open.set(index, probe.resume(probe.asks.map((question) => answerTo(question, answers))));
      } catch (error) {
        readings[index] = { is: 'threw', error };
        open.delete(index);
      }
    }
  }
}

async function answerAll<T>(
  probes: readonly Probe<T>[],
  answerRound: AnswerRound,
): Promise<ReadonlyMap<string, Answer>> {
  const distinct = new Map<string, Ask>();
  for (const probe of probes) {
    if (probe.done) continue;
    for (const question of probe.asks) distinct.set(keyOf(question), question);
  }
  const answers = await answerRound([...distinct.values()]);
  return new Map([...distinct.keys()].map((key, index) => [key, answers[index] ?? noAnswer]));
}

const noAnswer: Answer = { is: 'none', because: 'the question was not answered' };

const answerTo = (question: Ask, answers: ReadonlyMap<string, Answer>): Answer =>
  answers.get(keyOf(question)) ?? noAnswer;

/** Keys are asked for several times; writing a question out is the dear part. */
const keys = new WeakMap<Ask, string>();

function keyOf(question: Ask): string {
  const kept = keys.get(question);
  if (kept !== undefined) return kept;
  const key =
    question.is === 'sh' ? `sh ${identityOf(question)}` : `http ${canonical(question as unknown as Json)}`;
  keys.set(question, key);
  return key;
}
