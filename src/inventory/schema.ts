import { z } from 'zod';
import { port } from '../model/vars.js';

/** The name of a host or group. It appears in addresses of tasks, in flags and in names of files. */
export const isName = (text: string): boolean => /^[A-Za-z0-9][A-Za-z0-9._-]{0,62}$/.test(text);

const address = z.string().refine(isAddress, {
  message: 'must be a host name or an IP address: no user, port, space or quote in it',
});

function isAddress(text: string): boolean {
  const isHostName = /^[A-Za-z0-9](?:[A-Za-z0-9._-]{0,251}[A-Za-z0-9])?$/.test(text);
  const isIpv6 =
    /^[0-9A-Fa-f:.]{2,45}(?:%[A-Za-z0-9._-]{1,32})?$/.test(text) && (text.match(/:/g) ?? []).length >= 2;
  return isHostName || isIpv6;
}

const user = z
  .string()
  .regex(
    /^[A-Za-z0-9_][A-Za-z0-9._@-]{0,63}$/,
    'must be a login name: letters, digits, . _ @ - only, and no - first',
  );

const localPath = z
  .string()
  .min(1, 'must be a path')
  .regex(/^[^\p{Cc}]+$/u, 'must be a path without control characters');

/** How to log in, for all hosts or for one. */
const login = {
  user: user.optional(),
  port: port.optional(),
  become: z.boolean().optional(),
  identityFile: localPath.optional(),
  knownHosts: localPath.optional(),
  connectTimeoutMs: z
    .int()
    .min(100, 'must be from 100 to 600000 ms')
    .max(600_000, 'must be from 100 to 600000 ms')
    .optional(),
  jump: z.undefined('is not supported yet: this version logs in directly').optional(),
};

const vars = z.record(z.string(), z.unknown()).optional();

/** An inventory as it is written. What is in `vars` is for the graph to judge. */
export const inventorySchema = z.strictObject({
  graph: localPath.optional(),
  defaults: z.strictObject(login).optional(),
  vars,
  proof: z
    .strictObject({
      user: z.string().min(1, 'must name a user').optional(),
      outside: z.boolean().optional(),
      caFile: localPath.startsWith('/', 'must be an absolute path on the host').optional(),
    })
    .optional(),
  groups: z.record(z.string(), z.strictObject({ vars })).optional(),
  hosts: z.record(
    z.string(),
    z.strictObject({ address, groups: z.array(z.string()).optional(), vars, ...login }),
  ),
});

/** An inventory whose own keys have been checked. */
export type InventoryFile = z.infer<typeof inventorySchema>;
