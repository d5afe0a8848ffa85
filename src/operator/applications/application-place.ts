// Where the pages of an application are, and its name on them.
import type { Request, Response } from 'express';
import { label } from '../../applications/catalogue.ts';
import { languageOf } from '../../web/page.ts';
import type { OperatorSettings } from '../operator-settings.ts';

export const PATH = '/operator/applications';
export const AT = '/applications/:application';

export const placeOf = ({ site, catalogue }: OperatorSettings) => ({
  keyOf: (req: Request): string => String(req.params['application']),
  /** Its key where it is only a draft. */
  nameOf: (key: string, res: Response): string => {
    const application = catalogue.get(key);
    return application ? label(application.label, languageOf(res, site)) : key;
  },
});
