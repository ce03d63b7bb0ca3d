import { parseNginxText, type Directive, type Item } from '../../../src/formats/nginx/tree.js';

/** What stands for things of the author's machine, so that only the config itself is judged. */
const stubs: Readonly<Record<string, string>> = {
  ssl_certificate: 'ssl_certificate stub.crt;',
  ssl_certificate_key: 'ssl_certificate_key stub.key;',
  ssl_trusted_certificate: 'ssl_trusted_certificate stub.crt;',
  ssl_client_certificate: 'ssl_client_certificate stub.crt;',
  ssl_dhparam: '',
  ssl_stapling: '',
  include: '',
  access_log: '',
  error_log: '',
  pid: '',
  user: '',
  worker_processes: '',
  load_module: '',
  daemon: '',
};

/**
 * The same config with stub certificates, and without includes, logs and host names of the author's machine.
 *
 * Every place of a directive is kept apart from that: `nginx -t` of the result judges the rest.
 */
export function stubbed(text: string): string {
  let result = '';
  let at = 0;
  const replace = (item: Directive, by: string): void => {
    result += text.slice(at, item.start) + by;
    at = item.end;
  };
  const walk = (items: readonly Item[]): void => {
    for (const item of items) {
      if (item.is === 'comment') continue;
      const stub = stubs[item.name];
      if (item.is === 'block') walk(item.children);
      else if (stub !== undefined) replace(item, stub);
      else if (item.name === 'proxy_pass' || item.name === 'server')
        replace(item, onLoopback(text.slice(item.start, item.end)));
    }
  };
  walk(parseNginxText(text).children);
  return result + text.slice(at);
}

/** Host names become 127.0.0.1: they need not resolve here. */
const onLoopback = (directive: string): string =>
  directive.replace(/(\/\/|\bserver\s+)([a-z][\w.-]*)(?=[:/;\s])/i, (all, head: string, host: string) =>
    host === 'unix' || /^(prosody|jvb\d*)$/.test(host) ? all : `${head}127.0.0.1`,
  );
