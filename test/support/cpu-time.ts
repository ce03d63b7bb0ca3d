/** The milliseconds of processor time that some work takes: unlike the clock's, the same on a busy machine. */
export function cpuMsOf(work: () => void): number {
  const from = process.cpuUsage();
  work();
  const { user, system } = process.cpuUsage(from);
  return (user + system) / 1000;
}
