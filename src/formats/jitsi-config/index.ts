export { jitsiConfig, type JitsiConfigEdit } from './change.js';
export { editJitsiConfig } from './edit.js';
