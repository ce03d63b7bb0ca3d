import { type Sh, sh } from '../shell/sh.js';

/** Prosody's own interpreter, from the first line of its program: `$lua`, and `$version` as in `5.4`. Prints `none` without. */
export const prosodyLua: Sh = sh`lua=$(head -n 1 "$(command -v prosody)" 2>/dev/null | sed -n 's/^#! *\(\/usr\/bin\/env  *\)\{0,1\}\([^ ]*lua[^ ]*\).*$/\2/p')
[ -n "$lua" ] && command -v "$lua" >/dev/null || { echo none; exit 0; }
version=$("$lua" -e 'io.write(_VERSION:match("%d+%.%d+"))')`;
