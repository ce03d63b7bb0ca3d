/** The lab cannot do what was asked; `remedy` says what a person does about it. */
export class LabError extends Error {
  override readonly name = 'LabError';
  readonly remedy: string;

  constructor(problem: string, remedy: string) {
    super(`${problem}\n  What to do: ${remedy}`);
    this.remedy = remedy;
  }
}
