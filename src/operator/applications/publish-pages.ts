// Publishing a draft of an application: by two people, after a look at its lines and at what it does to what was given.
import type { Request, Response } from 'express';
import { dropApproval } from '../../approvals/ask-approval.ts';
import { findApproval } from '../../approvals/list-approvals.ts';
import { label } from '../../applications/catalogue.ts';
import { askPublishing, confirmPublishing, readApplicationText } from '../../applications/draft-application.ts';
import { draftEffect } from '../../applications/draft-effect.ts';
import { languageOf } from '../../web/page.ts';
import { formFields, type Fault } from '../../web/refusal.ts';
import type { OperatorRoute } from '../mount.ts';
import type { OperatorSettings } from '../operator-settings.ts';
import { reasonedAct } from '../reasoned-act.ts';
import { shellLocals } from '../shell.ts';
import { staffOf } from '../staff.ts';
import { AT, PATH, placeOf } from './application-place.ts';

export function publishPages(settings: OperatorSettings): OperatorRoute[] {
  const { render, site } = settings;
  const { nameOf, keyOf } = placeOf(settings);

  async function publish(req: Request, res: Response, errors: readonly Fault[] = [], status = 200): Promise<void> {
    const { ctx, userId } = staffOf(req);
    const key = keyOf(req);
    const text = await readApplicationText(ctx, key);
    const approval = await findApproval(ctx, 'publish_application', key);
    const effect = text.draft ? await draftEffect(ctx, key, text.draft.source) : undefined;
    const pairs = effect?.pairs.map((pair) => ({ ...pair, between: label(pair.between, languageOf(res, site)) })) ?? [];
    render(
      res,
      'operator/applications/publish',
      {
        ...(await shellLocals(settings, req, res, 'applications')),
        text,
        name: nameOf(key, res),
        at: `${PATH}/${key}`,
        effect,
        pairs,
        approval,
        himself: approval?.askedBy.id === userId,
        lines: text.draft ? changedLines(text.published, text.draft.source) : [],
        reason: formFields(req.body)['reason'] ?? '',
        ...(errors.length > 0 && { errors }),
      },
      { status },
    );
  }

  const decide = (done: string, work: (req: Request, reason: string) => Promise<unknown>) =>
    reasonedAct({ work, again: publish, to: (req) => `${PATH}/${keyOf(req)}?done=${done}` });

  const ask = decide('asked', (req, reason) => askPublishing(staffOf(req).ctx, keyOf(req), reason));
  const confirm = decide('decided', (req) => confirmPublishing(staffOf(req).ctx, keyOf(req)));
  const refuse = decide('decided', (req) => dropApproval(staffOf(req).ctx, 'publish_application', keyOf(req)));

  return [
    { method: 'get', path: `${AT}/publish`, needs: 'applications.read', handle: (req, res) => publish(req, res) },
    { method: 'post', path: `${AT}/publish`, needs: 'applications.write', handle: ask },
    { method: 'post', path: `${AT}/publish/confirm`, needs: 'applications.write', handle: confirm },
    { method: 'post', path: `${AT}/publish/refuse`, needs: 'applications.write', handle: refuse },
  ];
}

type Line = { readonly kind: 'added' | 'removed'; readonly number: number; readonly text: string };
const MOST_LINES = 200;

/** Lines of one text that the other does not have, each with its number; counted, so that a repeated line shows too. */
function changedLines(before: string, after: string): Line[] {
  const only = (mine: string, others: string, kind: Line['kind']): Line[] => {
    const left = new Map<string, number>();
    for (const line of others.split('\n')) left.set(line, (left.get(line) ?? 0) + 1);
    return mine.split('\n').flatMap((text, index) => {
      const rest = left.get(text) ?? 0;
      left.set(text, rest - 1);
      return rest > 0 || text.trim() === '' ? [] : [{ kind, number: index + 1, text }];
    });
  };
  return [...only(before, after, 'removed'), ...only(after, before, 'added')].slice(0, MOST_LINES);
}
