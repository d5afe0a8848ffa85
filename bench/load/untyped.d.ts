// The parts that we use of two packages that come without types.
declare module 'pg-copy-streams' {
  import type { Submittable } from 'pg';
  import type { Writable } from 'node:stream';
  /** COPY ... FROM STDIN. */
  export function from(statement: string): Writable & Submittable;
}

declare module 'autocannon' {
  import type { EventEmitter } from 'node:events';
  export type Request = { method: string; path: string; headers: Record<string, string>; body?: string };
  type Options = {
    url: string;
    connections: number;
    duration: number;
    requests: {
      setupRequest: (request: Request, context: object) => Request;
      onResponse?: (status: number, body: string, context: object, headers: object) => void;
    }[];
  };
  export type Result = { errors: number; timeouts: number; duration: number };
  /** Emits 'response' (client, status, bytes, milliseconds). */
  export default function autocannon(options: Options): EventEmitter & PromiseLike<Result>;
}
