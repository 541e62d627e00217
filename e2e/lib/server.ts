// The program under test, started on a free port and stopped by its process.
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { createServer } from 'node:net';
import { resolve } from 'node:path';

/** The one file that people run. */
export const PROGRAM = resolve(import.meta.dirname, process.env.PLI_PROGRAM ?? '../../target/release/pli');

const START_TIMEOUT_MS = 20_000;

/** The environment of the program: our own settings for the tests are none of its. */
function environment(): NodeJS.ProcessEnv {
  const inherited = Object.entries(process.env).filter(([name]) => !name.startsWith('PLI_'));
  return { ...Object.fromEntries(inherited), PLI_LIMITS: 'off' };
}

/** A running Pli. */
export class Server {
  private constructor(
    private readonly child: ChildProcess,
    /** Where it answers: `http://127.0.0.1:PORT`. */
    readonly origin: string,
    /** What it has printed so far. */
    readonly printed: () => string,
  ) {}

  /** Fifteen fictitious clinicians, fresh. */
  static demo(): Promise<Server> {
    return Server.start(['demo', '--listen', '127.0.0.1:0']);
  }

  /** The real service on the data of a folder, with more settings if there are. */
  static serve(data: string, port = 0, settings: string[] = []): Promise<Server> {
    return Server.start(['serve', '--data', data, '--listen', `127.0.0.1:${port}`, ...settings]);
  }

  private static start(args: string[]): Promise<Server> {
    const child = spawn(PROGRAM, args, { env: environment(), stdio: ['ignore', 'pipe', 'pipe'] });
    let printed = '';
    return new Promise((done, fail) => {
      const timer = setTimeout(() => {
        child.kill('SIGKILL');
        fail(new Error(`no address after ${START_TIMEOUT_MS} ms; printed: ${printed}`));
      }, START_TIMEOUT_MS);
      const read = (chunk: Buffer) => {
        printed += chunk;
        const address = /http:\/\/127\.0\.0\.1:\d+/.exec(printed);
        if (!address) return;
        clearTimeout(timer);
        done(new Server(child, address[0], () => printed));
      };
      child.stdout?.on('data', read);
      child.stderr?.on('data', read);
      child.on('error', fail);
      child.on('exit', (code) => {
        clearTimeout(timer);
        fail(new Error(`\`pli ${args.join(' ')}\` ended with ${code}; printed: ${printed}`));
      });
    });
  }

  /** The port it answers on. */
  get port(): number {
    return Number(new URL(this.origin).port);
  }

  /** Asks it to end, and waits until it has. */
  stop(): Promise<void> {
    return this.end('SIGTERM');
  }

  /** Ends it in the middle of whatever it does. */
  kill(): Promise<void> {
    return this.end('SIGKILL');
  }

  private end(signal: NodeJS.Signals): Promise<void> {
    if (this.child.exitCode !== null || this.child.signalCode !== null) return Promise.resolve();
    return new Promise((done) => {
      this.child.on('exit', () => done());
      this.child.kill(signal);
    });
  }
}

/** An account to be made from the command line. */
export interface NewAccount {
  email: string;
  name: string;
  profession: string;
  workplace: string;
  password: string;
  isAdmin?: boolean;
}

/** Makes an account by `pli account create`; gives its id. */
export function createAccount(data: string, account: NewAccount): string {
  const { email, name, profession, workplace } = account;
  const args = ['account', 'create', '--data', data, '--email', email, '--name', name, '--profession', profession];
  args.push('--workplace', workplace, '--password-stdin', '--json', ...(account.isAdmin ? ['--admin'] : []));
  const answer = execFileSync(PROGRAM, args, { input: account.password, encoding: 'utf8', env: environment() });
  return (JSON.parse(answer) as { id: string }).id;
}

/** A port that is free now, for a server that is to come back on the same one. */
export function freePort(): Promise<number> {
  return new Promise((done, fail) => {
    const probe = createServer();
    probe.on('error', fail);
    probe.listen(0, '127.0.0.1', () => {
      const address = probe.address();
      probe.close(() => (address && typeof address === 'object' ? done(address.port) : fail(new Error('no port'))));
    });
  });
}
