/** A step of a proof that did not come out as it must. It is a finding, not a fault of the program. */
export class Unmet extends Error {
  override readonly name = 'Unmet';
  /** Which step, as a user would name it: `the login page`. */
  readonly step: string;
  /** One clause that continues the step's name: `has no login form`. */
  readonly because: string;
  readonly evidence: readonly string[];
  /** What it probably means and what to do, in one sentence. */
  readonly next: string;

  constructor(
    step: string,
    because: string,
    { evidence, next }: { readonly evidence: readonly string[]; readonly next: string },
  ) {
    super(`${step} ${because}`);
    this.step = step;
    this.because = because;
    this.evidence = evidence;
    this.next = next;
  }
}
