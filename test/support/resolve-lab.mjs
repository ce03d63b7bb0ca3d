// Loaded into the command line by tests: one name leads to a machine of the lab, as DNS would say.
import dns from 'node:dns';
import net from 'node:net';

const [name, address] = (process.env.ORCHESTRATE_TEST_DNS ?? '=').split('=');
const { lookup } = dns;
dns.lookup = (asked, options, done) => {
  if (asked !== name) return lookup(asked, options, done);
  const reply = done ?? options;
  if (options?.all === true) reply(null, [{ address, family: net.isIP(address) }]);
  else reply(null, address, net.isIP(address));
};
