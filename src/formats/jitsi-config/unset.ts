import { hasSideEffects } from '../javascript/node.js';
import { Refused } from '../outcome.js';
import { removeProperty } from './literal.js';
import {
  findPlace,
  inDoubt,
  nameOf,
  readPlace,
  whereWritten,
  type JitsiConfigModel,
  type Path,
} from './model.js';
import { NOTHING, type Plan } from './plan.js';
import { removeWithLine } from './splice.js';
import type { Slot, Write } from './value.js';

// Each one costs a reading of the file. No file that a person wrote sets a value this often.
const MOST_WRITES = 20;

/** Plans how a value comes to be absent. Of several places that set it one is taken at a time. */
export function planUnset(model: JitsiConfigModel, path: Path): Plan {
  const place = findPlace(model, path);
  const last = place?.slot?.writes.at(-1);
  if (place?.slot === undefined || last === undefined) return NOTHING;
  const reading = readPlace(model, place);
  if (reading.is === 'in-doubt') throw inDoubt(model.script.text, nameOf(path), reading.doubt);
  const { writes } = place.slot;
  if (writes.length > MOST_WRITES || !writes.every(isRemovable)) throw unremovable(model, path, place.slot);
  return planRemoval(model, last);
}

function isRemovable(write: Write): boolean {
  if (write.is === 'property') return !hasSideEffects(write.node.value);
  return write.is === 'assignment' && write.statement !== undefined && !hasSideEffects(write.node.right);
}

function unremovable(model: JitsiConfigModel, path: Path, slot: Slot): Refused {
  const reason = `\`${nameOf(path)}\` is set here by code that cannot be taken out safely`;
  return new Refused('computed-value', reason, whereWritten(model, slot));
}

function planRemoval({ script }: JitsiConfigModel, write: Write): Plan {
  const splices =
    write.is === 'property'
      ? removeProperty(script, write.within, write.node)
      : write.is === 'assignment' && write.statement !== undefined
        ? [removeWithLine(script.text, write.statement)]
        : [];
  return { splices, lines: [], inList: true };
}
