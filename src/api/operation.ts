// One operation of the management API as data. The table of them (operations.ts) drives the routing, the validation,
// the OpenAPI document and the command line; what an operation does stands in handlers/.
import type { z } from 'zod';
import type { OrganizationCtx, Ctx } from '../context.ts';
import type { ErrorCode } from '../errors.ts';
import type { Permission } from '../organizations/permissions.ts';

export type Method = 'get' | 'post' | 'put' | 'patch' | 'delete';

export type Operation = {
  /** `mandate <noun> <verb>`; `<noun>.<verb>` is the operation's key in the table. */
  readonly noun: string;
  readonly verb: string;
  readonly method: Method;
  /** From /api/v1 on, with its parameters in braces. Below /organizations/{organization} it works in that organization. */
  readonly path: string;
  /** One sentence. */
  readonly summary: string;
  /** Null: without a token. */
  readonly needs: Permission | null;
  readonly query?: z.ZodObject;
  readonly body?: z.ZodType;
  /** Bytes; for the few bodies that may be larger than others. */
  readonly bodyLimit?: number;
  /** Absent: 204. */
  readonly answer?: z.ZodType;
  /** The answer is JSON text that goes out as it comes, without its schema: too large to hold. */
  readonly streams?: true;
  /** 200 where there is an answer, unless it says so. */
  readonly status?: 201;
  /** Codes of the domain beside those that the plumbing has. */
  readonly refusals?: readonly ErrorCode[];
  /** Columns of the command line's table, in its order; absent: all scalars. */
  readonly columns?: readonly string[];
  /** Arguments of an example call: `--name "Noordzee Media"`. */
  readonly example: string;
};

type ParamName<Path extends string> = Path extends `${string}{${infer Name}}${infer Rest}`
  ? Name | ParamName<Rest>
  : never;

type Call<O extends Operation> = {
  readonly params: { readonly [Name in ParamName<O['path']>]: string };
  readonly query: O extends { query: infer Q extends z.ZodType } ? z.output<Q> : undefined;
  readonly body: O extends { body: infer B extends z.ZodType } ? z.output<B> : undefined;
  readonly publicUrl: URL;
};

type CtxOf<O extends Operation> = O['path'] extends `/organizations/{organization}${string}` ? OrganizationCtx : Ctx;

/** Answers are only read: the domain's records go out as they are. */
type Answered<T> = T extends Date
  ? T
  : T extends readonly (infer Item)[]
    ? readonly Answered<Item>[]
    : T extends object
      ? { readonly [Key in keyof T]: Answered<T[Key]> }
      : T;

type Handler<O extends Operation> = (
  ctx: CtxOf<O>,
  call: Call<O>,
) => O extends { streams: true }
  ? AsyncIterable<string>
  : O extends { answer: infer A extends z.ZodType }
    ? Promise<Answered<z.output<A>>>
    : Promise<void>;

/** One handler for each operation of a table. */
export type Handlers<T extends Readonly<Record<string, Operation>>> = { readonly [Key in keyof T]: Handler<T[Key]> };

/** Names of the parameters in a path, in order. */
export const paramNames = (path: string): string[] =>
  [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name as string);

/** Keeps the literal types of a table while checking its shape. */
export const operations = <const T extends Readonly<Record<string, Operation>>>(table: T): T => table;
