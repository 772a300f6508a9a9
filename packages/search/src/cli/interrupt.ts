/** The run was stopped by the user; everything that was finished is kept. */
export class InterruptedError extends Error {
  constructor() {
    super('interrupted');
  }
}

/** Nx passes Ctrl-C on, and the terminal sends it too: signals this close together are one key press. */
const oneKeyPressMilliseconds = 1_000;

/** A signal that Ctrl-C (or `kill`) aborts. A second Ctrl-C leaves at once; nothing that was told is lost by that either. */
export function abortOnInterrupt(onFirst: () => void): AbortSignal {
  const controller = new AbortController();
  let firstAt: number | undefined;
  const interrupt = () => {
    if (firstAt === undefined) {
      firstAt = Date.now();
      onFirst();
      controller.abort(new InterruptedError());
    } else if (Date.now() - firstAt > oneKeyPressMilliseconds) {
      process.exit(130);
    }
  };
  process.on('SIGINT', interrupt);
  process.on('SIGTERM', interrupt);
  return controller.signal;
}
