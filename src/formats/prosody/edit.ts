import type { LuaValue } from '../lua/value.js';

/**
 * A section of a Prosody file: its global options, a `VirtualHost`, a `Component` by its name, or the MUC component
 * that holds the meetings of a domain, whatever it is called ({@link findMuc}).
 */
export type SectionSelector =
  | 'global'
  | { readonly host: string }
  | { readonly component: string }
  | { readonly muc: string };

/** One change to a Prosody file, as plain data. */
export type ProsodyEdit =
  | {
      readonly is: 'set';
      readonly section: SectionSelector;
      readonly option: string;
      readonly value: LuaValue;
      readonly after?: string;
    }
  | {
      readonly is: 'set-seen-by';
      readonly section: SectionSelector;
      readonly option: string;
      readonly value: LuaValue;
    }
  | {
      readonly is: 'add' | 'remove';
      readonly section: SectionSelector;
      readonly option: string;
      readonly values: readonly string[];
    }
  | { readonly is: 'unset'; readonly section: SectionSelector; readonly option: string }
  | {
      readonly is: 'virtual-host';
      readonly name: string;
      readonly after: SectionSelector;
      readonly options: Readonly<Record<string, LuaValue>>;
    };

/** Makes edits of Prosody files. */
export const prosody = {
  /** Gives an option of a section a value. A new one stands behind the option `after`, else last in its section. */
  set: (
    section: SectionSelector,
    option: string,
    value: LuaValue,
    where: { readonly after?: string } = {},
  ): ProsodyEdit => ({ is: 'set', section, option, value, ...where }),

  /**
   * Gives an option the value that a section sees: changed in that section if it has a value of its own there,
   * else among the global options.
   */
  setSeenBy: (section: SectionSelector, option: string, value: LuaValue): ProsodyEdit => ({
    is: 'set-seen-by',
    section,
    option,
    value,
  }),

  /** Adds values to an option that is a list, those that it does not hold yet. */
  add: (section: SectionSelector, option: string, values: readonly string[]): ProsodyEdit => ({
    is: 'add',
    section,
    option,
    values,
  }),

  /** Takes values out of an option that is a list. */
  remove: (section: SectionSelector, option: string, values: readonly string[]): ProsodyEdit => ({
    is: 'remove',
    section,
    option,
    values,
  }),

  /** Takes an option out of a section. */
  unset: (section: SectionSelector, option: string): ProsodyEdit => ({ is: 'unset', section, option }),

  /**
   * A `VirtualHost` with these options, put behind the section `after` if there is none of that name. In one that is
   * there already each option is set, and `modules_enabled` is added to.
   */
  virtualHost: (
    name: string,
    {
      after,
      options,
    }: { readonly after: SectionSelector; readonly options: Readonly<Record<string, LuaValue>> },
  ): ProsodyEdit => ({ is: 'virtual-host', name, after, options }),
} as const;
