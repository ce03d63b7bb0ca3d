#!/usr/bin/env node
// Only what `--help` and `--version` need is loaded here; the rest comes when a command is run.
import { readArguments } from './args.js';

// `… | head` has read enough. What runs goes on, and nobody misses the rest.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error;
});

const said = readArguments(process.argv.slice(2), process.stdout.columns);
if (said.is === 'answer') {
  process.stdout.write(said.stdout);
  process.stderr.write(said.stderr);
  process.exitCode = said.exitCode;
} else {
  const { command } = said;
  const run = await import('./run.js');
  process.exitCode = await (command.is === 'preview' ? run.runPreview(command) : run.runCommand(command));
}
