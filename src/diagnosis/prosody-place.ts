import { type Place, seenBy, type SeenValue } from '../formats/prosody/view.js';
import { placeText } from './rule.js';
import type { Study } from './study.js';

/** Prosody's log, as Debian sets it. */
export const prosodyLog = '/var/log/prosody/prosody.log';

/** An option as the site's own host sees it. */
export const own = (study: Study, option: string): SeenValue | undefined =>
  seenBy(study.view, study.view.host, option);

/** Where the site's own host begins, else the file that should hold it. */
export const hostPlace = ({ view, prosody, job }: Study): string => {
  const [first] = view.host;
  return first === undefined
    ? (prosody.files.at(-1)?.path ?? `/etc/prosody/conf.avail/${job.domain}.cfg.lua`)
    : placeText(first);
};

/** The place of an option; where the host begins when it is not set. */
export const whereOf = (study: Study, place: Place | undefined): string =>
  place === undefined ? hostPlace(study) : placeText(place);
