// Cuts the network outside the browser: a plain TCP relay between browser and server, which can be told to fail.
import { connect, createServer, type Server, type Socket } from 'node:net';

/** What the relay does to connections. */
export type Weather =
  /** Carries everything. */
  | 'fine'
  /** Takes connections and closes them at once, as if nobody listened. */
  | 'refuse'
  /** Carries nothing more in either direction, and says nothing. */
  | 'stall'
  /** Carries what is asked, and loses the answers. */
  | 'deaf';

/** A relay to a server on this machine. */
export class Cut {
  private weather: Weather = 'fine';
  private readonly pairs = new Set<Socket>();
  private bytesLeft = Infinity;

  private constructor(
    private readonly relay: Server,
    /** Where browsers go instead of the server. */
    readonly origin: string,
    private port: number,
  ) {}

  /** Stands before the server that answers on `port`. */
  static before(port: number): Promise<Cut> {
    return new Promise((done, fail) => {
      const relay = createServer();
      relay.on('error', fail);
      relay.listen(0, '127.0.0.1', () => {
        const address = relay.address();
        if (!address || typeof address !== 'object') return fail(new Error('no port'));
        const cut = new Cut(relay, `http://127.0.0.1:${address.port}`, port);
        relay.on('connection', (socket) => cut.carry(socket));
        done(cut);
      });
    });
  }

  /** Leads to a server on another port from now on. */
  leadTo(port: number): void {
    this.port = port;
  }

  /** Changes the weather for all connections, those that are open among them. */
  set(weather: Weather): void {
    this.weather = weather;
    if (weather === 'refuse') this.tear();
    // What was stalled has lost bytes and cannot go on.
    if (weather === 'fine') this.tear();
  }

  /** Tears all connections, as a train in a tunnel does; new ones are carried. */
  tear(): void {
    for (const socket of this.pairs) socket.destroy();
    this.pairs.clear();
  }

  /** Closes every connection in the middle of an answer, after so many more bytes from the server. */
  tearAfter(bytes: number): void {
    this.bytesLeft = bytes;
  }

  /** Ends the relay. */
  close(): Promise<void> {
    this.tear();
    return new Promise((done) => this.relay.close(() => done()));
  }

  private carry(browser: Socket): void {
    if (this.weather === 'refuse') {
      browser.destroy();
      return;
    }
    const server = connect(this.port, '127.0.0.1');
    this.pairs.add(browser).add(server);
    const end = () => {
      browser.destroy();
      server.destroy();
      this.pairs.delete(browser);
      this.pairs.delete(server);
    };
    for (const socket of [browser, server]) {
      socket.setNoDelay(true);
      socket.on('error', end);
      socket.on('close', end);
    }
    browser.on('data', (chunk) => {
      if (this.weather !== 'stall') server.write(chunk);
    });
    server.on('data', (chunk) => {
      if (this.weather === 'stall' || this.weather === 'deaf') return;
      if (chunk.length > this.bytesLeft) {
        browser.write(chunk.subarray(0, this.bytesLeft));
        this.bytesLeft = Infinity;
        this.tear();
        return;
      }
      this.bytesLeft -= chunk.length;
      browser.write(chunk);
    });
  }
}
