import { Refused } from '../outcome.js';
import { textOf, type Position } from '../source.js';
import { realmIn } from '../sign-in-job.js';
import { readModel, type JitsiConfigModel } from './model.js';
import { settingOf } from './setting.js';

/** A realm that a config.js names, and where. */
export interface NamedRealm {
  readonly realm: string;
  /** `tokenAuthUrl`, `tokenLogoutUrl` or `sso.tokenService`. */
  readonly option: string;
  /** The whole address. */
  readonly address: string;
  readonly at: Position;
}

const NAMING = ['tokenAuthUrl', 'tokenLogoutUrl', 'sso.tokenService'];

/** The realms that a config.js names. A file that cannot be read names none: `lintJitsiConfig` says why. */
export function realmsNamed(source: Uint8Array): readonly NamedRealm[] {
  try {
    return realmsOf(readModel(textOf(source)));
  } catch (error) {
    if (error instanceof Refused) return [];
    throw error;
  }
}

/** The same for a file that has been read. */
export function realmsOf(model: JitsiConfigModel): readonly NamedRealm[] {
  return NAMING.flatMap((option) => {
    const setting = settingOf(model, option);
    if (typeof setting?.value !== 'string') return [];
    const realm = realmIn(setting.value);
    return realm === undefined ? [] : [{ realm, option, address: setting.value, at: setting.at }];
  });
}
