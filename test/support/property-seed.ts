import fc from 'fast-check';

/**
 * The dice of all property tests: the same in every short run, so that a run judges the code and not the throw; new ones
 * in a long run, which names them. `ORCHESTRATE_SEED=N` throws them again.
 */
const chosen = process.env['ORCHESTRATE_SEED'];
const isLong = process.env['ORCHESTRATE_LONG'] === '1';
const seed = chosen === undefined ? (isLong ? Date.now() % 2 ** 31 : 1) : Number(chosen);
if (isLong) console.error(`property tests throw with ORCHESTRATE_SEED=${seed}`);
fc.configureGlobal({ seed });
