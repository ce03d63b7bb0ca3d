/**
 * Names that a script may read without defining them: the language's own, those of a browser window, and those of
 * jitsi-meet's page. Reading any other one throws, and nothing after that line runs.
 */
export const BROWSER_GLOBALS: ReadonlySet<string> = new Set(
  `undefined NaN Infinity globalThis Object Function Array String Number Boolean Symbol BigInt Math Date RegExp JSON Promise
   Map Set WeakMap WeakSet Reflect Proxy Intl Error TypeError RangeError SyntaxError ReferenceError EvalError URIError
   AggregateError ArrayBuffer SharedArrayBuffer DataView Atomics WeakRef FinalizationRegistry Iterator
   Int8Array Uint8Array Uint8ClampedArray Int16Array Uint16Array Int32Array Uint32Array Float32Array Float64Array
   BigInt64Array BigUint64Array parseInt parseFloat isNaN isFinite encodeURI encodeURIComponent decodeURI
   decodeURIComponent escape unescape eval arguments
   window self top parent frames opener document location navigator history screen name status origin event performance
   console localStorage sessionStorage indexedDB crypto caches alert confirm prompt fetch atob btoa
   setTimeout clearTimeout setInterval clearInterval queueMicrotask requestAnimationFrame cancelAnimationFrame
   addEventListener removeEventListener dispatchEvent postMessage matchMedia getComputedStyle open close
   innerWidth innerHeight outerWidth outerHeight devicePixelRatio isSecureContext structuredClone
   URL URLSearchParams Blob File FileReader FormData Headers Request Response AbortController XMLHttpRequest WebSocket
   TextEncoder TextDecoder Event CustomEvent EventTarget Element HTMLElement Node Image Audio Worker MutationObserver
   RTCPeerConnection MediaStream MediaRecorder Notification
   interfaceConfig loggingConfig JitsiMeetJS JitsiMeetExternalAPI APP jQuery $`.split(/\s+/),
);

/** Names for the global object itself. */
export const WINDOW_NAMES: ReadonlySet<string> = new Set(['window', 'self', 'globalThis']);
