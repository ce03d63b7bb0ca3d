import type { ResolveHook, ResolveHookContext, ResolveFnOutput } from 'node:module';

/** What the hooks need to know. */
export interface DoorData {
  /** The URL of our own front door. */
  readonly door: string;
}

const known: { door: string | null } = { door: null };

/** Called by Node before the first resolution, in whichever thread the hooks run. */
export function initialize(data: DoorData): void {
  known.door = data.door;
}

/**
 * `orchestrate` is our own front door, wherever a graph lies: it must be the instance of this process, or what a
 * graph makes would be strange to us. Files of graphs are always ES modules, also in a folder without package.json,
 * which Node would take for CommonJS.
 *
 * Node calls it asynchronously (`module.register`) or synchronously (`module.registerHooks`).
 */
export const resolve = (
  specifier: string,
  context: ResolveHookContext,
  next: (specifier: string, context?: ResolveHookContext) => ReturnType<ResolveHook>,
): ReturnType<ResolveHook> => {
  if (specifier === 'orchestrate' && known.door !== null) {
    return { url: known.door, format: 'module', shortCircuit: true };
  }
  const found = next(specifier, context);
  return found instanceof Promise ? found.then(asModule) : asModule(found);
};

function asModule(found: ResolveFnOutput): ResolveFnOutput {
  const isOurs = found.url.startsWith('file:') && !found.url.includes('/node_modules/');
  return isOurs && /\.[jt]s(?:\?|$)/.test(found.url) ? { ...found, format: 'module' } : found;
}
