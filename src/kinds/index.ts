export { type ConfigValid, configValid } from './config-valid.js';
export { type File, file } from './file.js';
export { type FilePatch, filePatch } from './file-patch.js';
export { type JitsiInstalled, jitsiInstalled } from './jitsi-installed.js';
export { type LuaModules, luaModules } from './lua-modules.js';
export { type Service, serviceReload, serviceRestart } from './service.js';
