import { sameValue } from '../javascript/encode.js';
import { Refused, type EditOutcome } from '../outcome.js';
import { bytesOf, positionAt, textOf, type Span } from '../source.js';
import { pathOf, refuseOverlaps, type JitsiConfigEdit } from './change.js';
import { findPlace, inDoubt, nameOf, readModel, readPlace, type JitsiConfigModel } from './model.js';
import type { Plan } from './plan.js';
import { planSet } from './set.js';
import { appendLines, applySplices, type Splice } from './splice.js';
import { otherDifference } from './unchanged.js';
import { planUnset } from './unset.js';

/**
 * Makes edits in a config.js, all of them or none, and proves by reading the result that they hold.
 *
 * @param source - The bytes of the file; everything that no edit is about stays as it is.
 * @throws {Error} When two of the edits overlap: a mistake of the caller, not of the file.
 */
export function editJitsiConfig(source: Uint8Array, edits: readonly JitsiConfigEdit[]): EditOutcome {
  refuseOverlaps(edits);
  const before = textOf(source);
  try {
    const original = readModel(before);
    let model = original;
    for (let waiting = edits; waiting.length > 0; ) {
      const { plan, rest } = planSome(model, waiting);
      model = carryOut(model, plan);
      waiting = rest;
    }
    const { text } = model.script;
    if (text === before) return { is: 'already' };
    prove(original, model, edits);
    return { is: 'edited', bytes: bytesOf(text) };
  } catch (error) {
    if (error instanceof Refused) return { is: 'refused', refusal: error };
    throw error;
  }
}

/** Plans as many edits as one reading of the file allows: at most one that changes a list. */
function planSome(
  model: JitsiConfigModel,
  edits: readonly JitsiConfigEdit[],
): { readonly plan: Plan; readonly rest: readonly JitsiConfigEdit[] } {
  const splices: Splice[] = [];
  const lines: string[] = [];
  const rest: JitsiConfigEdit[] = [];
  let listTaken = false;
  for (const edit of edits) {
    refuseLaterWrite(model, edit);
    const plan =
      edit.is === 'set' ? planSet(model, pathOf(edit), edit.value) : planUnset(model, pathOf(edit));
    const changesList = plan.inList === true;
    if (changesList && (listTaken || edit.is === 'unset')) rest.push(edit);
    if (changesList && listTaken) continue;
    listTaken ||= changesList;
    splices.push(...plan.splices);
    lines.push(...plan.lines);
  }
  return { plan: { splices, lines }, rest };
}

/** Makes the planned changes, and sees to it that every statement which they do not touch is still the same one. */
function carryOut(model: JitsiConfigModel, { splices, lines }: Plan): JitsiConfigModel {
  if (splices.length === 0 && lines.length === 0) return model;
  const { text, program } = model.script;
  const added = lines.length === 0 ? [] : [appendLines(text, lines)];
  const after = readModel(applySplices(text, [...splices, ...added]));
  const touched = (node: Span): boolean =>
    splices.some(({ start, end }) => start <= node.end && end >= node.start);
  const present = after.script.program.body.map((node) => after.script.text.slice(node.start, node.end));
  let next = 0;
  for (const node of program.body.filter((each) => !touched(each))) {
    next = present.indexOf(text.slice(node.start, node.end), next) + 1;
    if (next === 0) throw notProven(text, node.start, 'this statement would read otherwise after the edit');
  }
  return after;
}

/** A function of the file may give the value later, whenever it runs: then nothing that stands in the file decides. */
function refuseLaterWrite(model: JitsiConfigModel, edit: JitsiConfigEdit): void {
  for (const name of ['config', ...pathOf(edit)]) {
    const offset = model.machine.laterWrites.get(name);
    if (offset === undefined) continue;
    const reason = `a function sets \`${name}\` here, and when it runs cannot be told`;
    throw new Refused('set-by-function', reason, positionAt(model.script.text, offset));
  }
}

function prove(before: JitsiConfigModel, model: JitsiConfigModel, edits: readonly JitsiConfigEdit[]): void {
  const other = otherDifference(
    before,
    model,
    edits.map(({ path }) => path),
  );
  if (other !== undefined) {
    throw notProven(
      model.script.text,
      0,
      `\`${nameOf(other.split('.'))}\` would change too: one piece of code gives both`,
    );
  }
  for (const edit of edits) {
    const path = pathOf(edit);
    const place = findPlace(model, path);
    // What code outside of this file may put there is not ours to take out.
    if (edit.is === 'unset' && place?.slot === undefined) continue;
    const reading = place === undefined ? undefined : readPlace(model, place);
    if (reading?.is === 'in-doubt') throw inDoubt(model.script.text, nameOf(path), reading.doubt);
    const holds = edit.is === 'set' && reading?.is === 'value' && sameValue(reading.value, edit.value);
    if (holds) continue;
    const reason = `other code in the file keeps \`${nameOf(path)}\` from coming out as wanted`;
    throw notProven(model.script.text, 0, reason);
  }
}

const notProven = (text: string, offset: number, reason: string): Refused =>
  new Refused('not-proven', reason, positionAt(text, offset));
