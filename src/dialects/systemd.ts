/** Services, as words. */
import { type Sh, sh } from '../shell/sh.js';

/** Shell that does something to a unit and waits until it is active. On failure it prints why. */
export const unitAction = (action: 'restart' | 'reload', unit: string): Sh =>
  sh`u=${unit}
systemctl ${action} -- "$u" && systemctl is-active --quiet -- "$u" && exit 0
code=$?
systemctl --no-pager --lines=0 status -- "$u" 2>&1 | head -n 5
journalctl --no-pager --quiet --lines=10 --unit "$u" 2>/dev/null
[ "$code" -ne 0 ] || code=1
exit "$code"`;
