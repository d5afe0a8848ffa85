// An act that wants a reason, or a second person: where it is refused, the page that asked for it says why.
import type { Request, Response } from 'express';
import { formFields, refusalOf, type Fault } from '../web/refusal.ts';

type Act = {
  readonly work: (req: Request, reason: string) => Promise<unknown>;
  readonly again: (req: Request, res: Response, faults: readonly Fault[], status: number) => Promise<void>;
  /** The page after it. */
  readonly to: (req: Request) => string;
};

export const reasonedAct =
  ({ work, again, to }: Act) =>
  async (req: Request, res: Response): Promise<void> => {
    try {
      await work(req, (formFields(req.body)['reason'] ?? '').trim());
    } catch (error) {
      const { status, code, faults } = refusalOf(error);
      const said = code === 'invalid_input' ? [{ key: 'operator:act.reason_missing', field: 'reason' }] : faults;
      return again(req, res, said, status);
    }
    res.redirect(303, to(req));
  };
