// One stream for all tabs of a browser: one holds it, the others hear from it. The build puts this in front of device.js.
//
// Over HTTP/1.1 a browser opens six connections to a server, and a stream takes one for good: a seventh tab would wait for
// ever. So a Web Lock says who holds the stream; the browser passes it on in whatever way the holder goes. What the stream
// brings, the holder hands on over a BroadcastChannel, word for word. What follows from it is Rust (`stream.rs`), in each tab
// for itself: a tab that hears too late or too little asks the log.
//
// A browser may put hidden tabs to sleep, with all that they hold. So a tab that is seen follows only one that is seen, and
// takes the stream from any other; a holder that does not answer loses it. See docs/decisions/0013-one-stream.md.

const STREAM = (() => {
  // How long a holder may take to answer, in milliseconds. A hidden tab is in no hurry.
  const ANSWERS_MS = 400;
  const ANSWERS_HIDDEN_MS = 2_000;
  const KINDS = { hello: "hello", message: "event", beat: "beat", resync: "resync" };

  let hear, name, channel;
  // While this tab holds the stream: how to let go, the stream, and how far it has come.
  let release, source, end;
  // While it follows: how to leave the queue for the lock.
  let queued;
  // Counts the beginnings: what an earlier one still waits for is late.
  let turn = 0;
  // Who hears the holder's answer.
  let answered = () => {};

  const isSeen = () => document.visibilityState !== "hidden";

  function connect() {
    source?.close();
    end = undefined;
    const own = (source = new EventSource("/api/v1/events"));
    const give = (what, id, text) => {
      if (own !== source) return;
      end = id || end;
      // What is wrong with this tab alone concerns no other.
      if (what !== "resync") channel?.postMessage({ what, id, text });
      hear?.(what, id, text);
    };
    for (const [kind, what] of Object.entries(KINDS)) {
      own.addEventListener(kind, ({ lastEventId, data }) => give(what, lastEventId, data));
    }
    own.onerror = () => give("lost", "", "");
  }

  function disconnect() {
    source?.close();
    source = undefined;
    release?.();
    release = undefined;
  }

  // Asks for the lock and opens the stream with it; answers whether it was had.
  function hold(options, own) {
    return new Promise((answer) => {
      const held = (lock) => {
        const isOurs = lock !== null && own === turn;
        answer(isOurs);
        if (!isOurs) return undefined;
        queued = undefined;
        const holding = new Promise((done) => (release = done));
        connect();
        return holding;
      };
      navigator.locks.request(name, options, held).catch(() => {
        answer(false);
        // Another tab has taken the stream; unless this one only left the queue. It may have said much meanwhile.
        if (own !== turn || !release) return;
        disconnect();
        join();
      });
    });
  }

  function follow(own) {
    queued = new AbortController();
    hold({ signal: queued.signal }, own);
  }

  function leaveQueue() {
    queued?.abort();
    queued = undefined;
  }

  const take = () => {
    leaveQueue();
    return hold({ steal: true }, ++turn);
  };

  // Who holds the stream, if anybody answers.
  function findHolder() {
    return new Promise((found) => {
      answered = found;
      channel.postMessage({ what: "who" });
      setTimeout(found, isSeen() ? ANSWERS_MS : ANSWERS_HIDDEN_MS);
    });
  }

  function open(account) {
    if (!navigator.locks || !globalThis.BroadcastChannel) return connect();
    name = `pli-stream-${account}`;
    channel ??= listen();
    return release ? connect() : join();
  }

  // Finds this tab's place among the others.
  async function join() {
    leaveQueue();
    const own = ++turn;
    if ((await hold({ ifAvailable: true }, own)) || own !== turn) return;
    const holder = await findHolder();
    if (own !== turn) return;
    if (!holder || (isSeen() && !holder.isSeen)) return take();
    follow(own);
    // A holder that is still connecting will say so itself.
    if (holder.end) hear?.("hello", holder.end, "");
  }

  function close() {
    turn++;
    leaveQueue();
    disconnect();
  }

  function listen() {
    const opened = new BroadcastChannel(name);
    opened.onmessage = ({ data }) => {
      if (data.what === "who") {
        if (release) opened.postMessage({ what: "here", isSeen: isSeen(), end });
      } else if (data.what === "here") {
        answered(data);
      } else if (data.what === "hidden") {
        if (queued && isSeen()) take();
      } else if (queued) {
        hear?.(data.what, data.id, data.text);
      }
    };
    document.addEventListener("visibilitychange", () => {
      if (release && !isSeen()) opened.postMessage({ what: "hidden" });
    });
    // A page that the browser keeps for coming back holds nothing meanwhile.
    addEventListener("pagehide", close);
    return opened;
  }

  return {
    streamHear: (listener) => (hear = listener),
    streamOpen: open,
    streamClose: close,
  };
})();
