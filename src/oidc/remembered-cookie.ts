// The cookie of a browser in which somebody need not give his second factor again (remembered-device.ts says what stands
// in it). Never for the operator's staff.
import type { IncomingMessage } from 'node:http';
import type { Request, Response } from 'express';
import type { FactorState } from '../credentials/factor-state.ts';
import { isRemembered, REMEMBERED_DAYS, rememberPerson } from '../credentials/remembered-device.ts';
import { readCookie, setCookie, sign, unsign } from '../web/cookies.ts';
import type { FormSettings } from '../web/csrf.ts';

const NAME = 'remembered';
const SECONDS = REMEMBERED_DAYS * 24 * 60 * 60;

function read(req: IncomingMessage, { publicUrl, keys }: FormSettings): string | undefined {
  const signed = readCookie(req as Request, publicUrl, NAME);
  return signed === undefined ? undefined : unsign(NAME, signed, keys);
}

export const mayBeRemembered = ({ operatorStaff }: FactorState): boolean => !operatorStaff;

export const remembered = (req: IncomingMessage, state: FactorState, site: FormSettings): boolean =>
  mayBeRemembered(state) && isRemembered(read(req, site), state.fingerprint, new Date());

export function remember(req: Request, res: Response, state: FactorState, site: FormSettings): void {
  if (!mayBeRemembered(state)) return;
  const value = rememberPerson(read(req, site), state.fingerprint, new Date());
  setCookie(res, site.publicUrl, NAME, sign(NAME, value, site.keys), { maxAge: SECONDS });
}
