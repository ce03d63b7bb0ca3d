export { type Answer, answeringLocation, answersOf, type Caveat } from './answer.js';
export { type Argument, type Statement, type Variable, variable } from './argument.js';
export { editNginx } from './edit.js';
export {
  type ExpectRoute,
  expectRoute,
  location,
  type NginxEdit,
  type RemoveLocation,
  removeLocation,
  type SetLocation,
} from './edits.js';
export { type ExtensionInclude, extensionInclude } from './extension-include.js';
export { lintNginx, type NginxFile, type NginxFinding, type NginxJob } from './lint.js';
export { maskNginx } from './mask.js';
export {
  certificatePaths,
  findServer,
  listenPorts,
  type Server,
  type ServerChoice,
  serversIn,
} from './server.js';
export { argumentsOf, directivesNamed, parseNginx, type Tree } from './tree.js';
