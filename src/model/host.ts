/** One machine of the inventory, with everything the graph and the transport need to know of it. */
export interface Host<Vars = unknown> {
  /** Its key in the inventory. */
  readonly name: string;
  /** What the inventory says; the rest comes from `~/.ssh/config` and the agent. */
  readonly login: Login;
  /** Run everything as root through `sudo -n`. Not used when the login is root already. */
  readonly become: boolean;
  readonly groups: readonly string[];
  /** The merged variables: all hosts', the groups' in order, the host's own; checked by the graph. */
  readonly vars: Vars;
}

/** How to log in. What is absent is left to `~/.ssh/config`, then to OpenSSH's defaults. */
export interface Login {
  readonly address: string;
  readonly port?: number;
  readonly user?: string;
  readonly identityFile?: string;
  readonly knownHosts?: string;
  readonly connectTimeoutMs: number;
}
