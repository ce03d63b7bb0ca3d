/** What Docker takes for the name of a container or a volume. Source: `RestrictedNamePattern` of the engine. */
const namePattern = /^[a-zA-Z0-9][a-zA-Z0-9_.-]+$/;

/** What Docker takes for a reference with a tag, roughly: enough that it can never be read as an option. */
const tagPattern = /^[a-z0-9][a-z0-9._/:-]*:\w[\w.-]{0,127}$/;

/** What is wrong with a name for a container or a volume; null when Docker takes it. */
export const nameComplaint = (name: string): string | null =>
  namePattern.test(name) && name.length <= 128
    ? null
    : `${JSON.stringify(name)} is not a name for Docker: letters, digits, "_", "." and "-", two or more, beginning with a letter or a digit`;

/** What is wrong with the reference of an image; null when Docker takes it and it has a tag. */
export const tagComplaint = (tag: string): string | null =>
  tagPattern.test(tag)
    ? null
    : `${JSON.stringify(tag)} does not name an image with a tag: repository:tag, in lower case up to the colon`;

/** The name under which a run keeps the thing it replaced, so that undo can put it back. */
export const setAsideName = (name: string, run: string): string => `${name}.before-${run}`;

/** The label on images that we build: the digest of everything that goes in. */
export const inputsLabel = 'orchestrate.inputs';

/** The label with the run that made a thing. */
export const runLabel = 'orchestrate.run';

/** The label on containers that we make: the digest of everything that they are made with. */
export const digestLabel = 'orchestrate.digest';
