export { jitsiConfig, type JitsiConfigEdit } from './change.js';
export { editJitsiConfig } from './edit.js';
export { lintJitsiConfig } from './lint.js';
export { realmsNamed, type NamedRealm } from './realms.js';
export { jitsiConfigValue } from './setting.js';
