import { type Logger, pino } from 'pino';

/** Structured logs; what could identify a credential never leaves the process. */
export function createLogger(level: string, node: string): Logger {
  return pino({
    level,
    base: { node },
    timestamp: pino.stdTimeFunctions.isoTime,
    redact: {
      paths: [
        '*.password',
        '*.token',
        '*.refreshToken',
        '*.accessToken',
        'err.parameters',
        'err.sql',
        'err.parent',
        'err.original',
      ],
      remove: true,
    },
  });
}
