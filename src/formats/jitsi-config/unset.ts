import { hasSideEffects } from '../javascript/node.js';
import type { Script } from '../javascript/script.js';
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
import { removeWithLine, type Splice } from './splice.js';
import { writtenExpression, type Slot, type Write } from './value.js';

// Each one costs a reading of the file. No file that a person wrote sets a value this often.
const MOST_WRITES = 20;

/** Plans how a value comes to be absent. Of several places that set it one is taken at a time. */
export function planUnset(model: JitsiConfigModel, path: Path): Plan {
  const place = findPlace(model, path);
  if (place?.slot === undefined) return NOTHING;
  const reading = readPlace(model, place);
  if (reading.is === 'in-doubt') throw inDoubt(model.script.text, nameOf(path), reading.doubt);
  const { writes } = place.slot;
  const last = writes.length > MOST_WRITES ? undefined : writes.at(-1);
  const removal = last === undefined ? undefined : removalOf(model.script, last);
  if (removal === undefined) throw unremovable(model, path, place.slot);
  return { splices: removal, lines: [], inList: true };
}

/** How a write goes; `undefined` when something else would go or change with it. */
function removalOf(script: Script, write: Write): readonly Splice[] | undefined {
  const expression = writtenExpression(write);
  if (expression === undefined || hasSideEffects(expression)) return undefined;
  if (write.is === 'property') return removeProperty(script, write.within, write.node);
  if (write.is !== 'assignment' || write.statement === undefined) return undefined;
  return [removeWithLine(script.text, write.statement)];
}

function unremovable(model: JitsiConfigModel, path: Path, slot: Slot): Refused {
  const reason = `\`${nameOf(path)}\` is set here by code that cannot be taken out safely`;
  return new Refused('computed-value', reason, whereWritten(model, slot));
}
