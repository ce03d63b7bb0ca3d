import assert from 'node:assert/strict';
import { z } from 'zod';
import { file } from '../../src/kinds/file.js';
import { filePatch } from '../../src/kinds/file-patch.js';
import { keycloakClient } from '../../src/kinds/keycloak-client.js';
import { keycloakRealm } from '../../src/kinds/keycloak-realm.js';
import { keycloakUser } from '../../src/kinds/keycloak-user.js';
import { buildGraph, graph, type Graph, type GraphScope } from '../../src/model/graph.js';
import type { Host } from '../../src/model/host.js';

const host: Host = { name: 'h', login: {} as Host['login'], become: false, groups: [], vars: {} };

const built = (build: (host: GraphScope<unknown>['hosts'][number]) => void): Graph =>
  buildGraph(graph({ name: 'test', vars: z.unknown(), build: ({ hosts: [only] }) => build(only!) }), [host]);

const server = (admin: string) => ({
  endpoint: { address: '127.0.0.1', port: 18080 },
  admin: { username: admin, password: { secret: 'ADMIN' } },
});

describe('a graph', () => {
  const clashes: Readonly<Record<string, Parameters<typeof built>[0]>> = {
    'one realm with different fields': (h) => {
      h.task('a', keycloakRealm, { server: server('admin'), realm: 'r', fields: { sslRequired: 'none' } });
      h.task('b', keycloakRealm, { server: server('other'), realm: 'r', fields: { enabled: true } });
    },
    'one client with different fields': (h) => {
      const client = { server: server('admin'), realm: 'r', clientId: 'c' };
      h.task('a', keycloakClient, { ...client, fields: { publicClient: true } });
      h.task('b', keycloakClient, { ...client, fields: { enabled: true } });
    },
    'one user with different fields': (h) => {
      const user = { server: server('admin'), realm: 'r' };
      h.task('a', keycloakUser, { ...user, username: 'Alice', fields: { email: 'a@example.com' } });
      h.task('b', keycloakUser, { ...user, username: 'alice', fields: { firstName: 'A' } });
    },
    'one file, laid whole and edited': (h) => {
      h.task('a', file, { path: '/etc/a', content: '' });
      h.task('b', filePatch, { path: '/etc/a', edit: { format: 'nginx', edits: [] } });
    },
  };
  for (const [what, build] of Object.entries(clashes)) {
    it(`has one task for ${what}`, () => {
      assert.throws(() => built(build), /h\/[a-z.]+:b and h\/[a-z.]+:a are the same thing/);
    });
  }

  it('has a task each for things that only look alike', () => {
    const { tasks } = built((h) => {
      const fields = { enabled: true };
      h.task('a', keycloakRealm, { server: server('admin'), realm: 'r', fields });
      h.task('b', keycloakRealm, { server: server('admin'), realm: 's', fields });
      h.task('c', keycloakClient, { server: server('admin'), realm: 'r', clientId: 'r', fields });
      h.task('d', keycloakRealm, { server: { ...server('admin'), basePath: '/auth' }, realm: 'r', fields });
    });
    assert.equal(tasks.length, 4);
  });
});
