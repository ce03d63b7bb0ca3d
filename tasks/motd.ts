// The small graph to read first: one file on every host, and a service that is reloaded when it changed.
//
//   orchestrate plan --inventory hosts.yml        with `graph: ../tasks/motd.ts` in hosts.yml
import * as o from 'orchestrate';

export default o.graph({
  name: 'motd',

  // What an inventory may say about a host. Anything else in `vars` is an error, with its line and column.
  vars: o.z.strictObject({
    motd: o.z.string().default('This machine is looked after. Ask before you change things by hand.'),
    /** A systemd unit that reads the file, if there is one. */
    unit: o.z.string().optional(),
  }),

  build: ({ hosts }) => {
    for (const host of hosts) {
      // One task: a whole file. Its owner and mode stay as they are, when it is there already.
      const motd = host.task('motd', o.file, { path: '/etc/motd', content: `${host.vars.motd}\n` });

      // A reaction: it happens once after a change of what it is `on`, and is never forgotten.
      if (host.vars.unit !== undefined)
        host.task('reader', o.serviceReload, { unit: host.vars.unit }, { on: [motd] });
    }
  },
});
