// Mocha's spec reporter, with a last line that says how it went: `N passed, N failed, N skipped`.
const { reporters } = require('mocha');

module.exports = class ClosingLine extends reporters.Spec {
  done(failures, finish) {
    const { passes, pending } = this.stats;
    const skipped = pending > 0 ? `, ${pending} skipped` : '';
    process.stdout.write(`\n${passes} passed, ${failures} failed${skipped}\n`, () => finish(failures));
  }
};
