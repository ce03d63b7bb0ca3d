export { encodeValue, sameValue, type JavaScriptValue } from './encode.js';
export { maskJavaScript } from './mask.js';
