import { lines, type Sh, sh } from '../../shell/sh.js';
import {
  type ContainerSpec,
  createContainer,
  type FoundContainer,
  removeContainer,
  renameContainer,
  sameContainer,
  setRestart,
  startContainer,
  stopContainer,
  unpauseContainer,
} from './container.js';
import { putFile, type SecretFile } from './secret-file.js';

/** What stands where: under the name itself, and under the name of what the run set aside. */
export interface Places {
  readonly name: string;
  readonly current: FoundContainer | null;
  readonly asideName: string;
  readonly aside: FoundContainer | null;
}

/** What should stand under the name. */
export interface Goal {
  readonly spec: ContainerSpec;
  readonly running: boolean;
  readonly run: string;
  /** Put in between creating and starting. */
  readonly files: readonly SecretFile[];
}

/** How to get to the goal from wherever things are. */
export interface Swap {
  /** `restore`: the old container comes back. `adjust`: the one that is there stays. `create`: a new one. */
  readonly way: 'restore' | 'adjust' | 'create';
  readonly script: Sh;
}

/**
 * The commands that bring the goal about. Between any two of them the connection may break: what is left is a place
 * from which this function finds the way again, forwards and back.
 *
 * A container that is replaced stays under the other name, stopped, and nothing starts it at boot.
 */
export function swap(places: Places, goal: Goal): Swap {
  const { name, current, aside, asideName } = places;
  if (aside?.spec != null && sameContainer(aside.spec, goal.spec)) {
    const back = renameContainer(asideName, name);
    return script('restore', [...discard(current), back, ...settle(name, aside, goal)]);
  }
  if (current?.spec != null && current.status !== 'dead' && sameContainer(current.spec, goal.spec)) {
    return script('adjust', settle(name, current, goal));
  }
  // What was there before the run is set aside already: what stands in its place now is a half-made successor.
  const away = aside === null ? setAside(current, asideName) : discard(current);
  return script('create', [...away, createContainer(name, goal.spec, goal.run), ...settle(name, null, goal)]);
}

/** Stops and removes a container. */
export function discard(container: FoundContainer | null): readonly Sh[] {
  if (container === null) return [];
  return [...halt(container), removeContainer(container.name)];
}

function setAside(container: FoundContainer | null, asideName: string): readonly Sh[] {
  if (container === null) return [];
  return [...halt(container), setRestart(container.name, 'no'), renameContainer(container.name, asideName)];
}

/** Brings policy and running of a container right; null: one that was created just before. */
function settle(name: string, found: FoundContainer | null, goal: Goal): readonly Sh[] {
  const policy =
    found === null || found.spec?.restart === goal.spec.restart ? [] : [setRestart(name, goal.spec.restart)];
  if (!goal.running) return [...policy, ...(found === null ? [] : halt({ ...found, name }))];
  if (found?.status === 'paused') return [...policy, unpauseContainer(name)];
  // One that never ran may have been left before its files were in.
  const files = found === null || found.status === 'created' ? goal.files : [];
  return [...policy, ...files.map((file) => putFile(name, file)), startContainer(name)];
}

function halt(container: FoundContainer): readonly Sh[] {
  const stop = stopContainer(container.name);
  // A frozen process cannot hear the signal.
  if (container.status === 'paused') return [unpauseContainer(container.name), stop];
  return ['running', 'restarting'].includes(container.status) ? [stop] : [];
}

const script = (way: Swap['way'], commands: readonly Sh[]): Swap => ({
  way,
  script: lines(sh`set -e`, ...commands),
});
