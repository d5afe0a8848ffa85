// The pages behind sign-in: deposits, a new one, and what the person may do. The server decides; the form only offers.
import { Router } from 'express';
import { choicesOf } from './choices.ts';
import { DepositForm, wrongFields } from './deposit-form.ts';
import { isRefusal, type Deposits } from './deposits.ts';
import { isLive } from './enforce.ts';
import type { Pages } from './pages.ts';
import { checkForm, holderOf } from './signed-in.ts';

export function depositPages(deposits: Deposits, pages: Pages): Router {
  const router = Router();

  router.get('/deposits', (req, res) => {
    const holder = holderOf(res);
    const list = deposits.visibleTo(holder);
    pages.show(res, 'deposits', {
      deposits: list,
      sub: holder.sub,
      created: list.find(({ id }) => id === req.query['created']),
    });
  });

  router.get('/rights', (_req, res) => {
    const elements = holderOf(res).elements.filter((element) => isLive(element, Date.now()));
    pages.show(res, 'rights', { elements });
  });

  router.get('/deposits/new', (_req, res) => {
    pages.show(res, 'new-deposit', { choices: choicesOf(holderOf(res).elements), given: {}, wrong: [] });
  });

  router.post('/deposits', checkForm(pages), (req, res) => {
    const holder = holderOf(res);
    const form = DepositForm.safeParse(req.body);
    if (!form.success) {
      const values = {
        choices: choicesOf(holder.elements),
        given: req.body as unknown,
        wrong: wrongFields(form.error),
      };
      return void pages.show(res, 'new-deposit', values, 422);
    }
    const answer = deposits.create(holder, form.data);
    if (isRefusal(answer)) return void pages.show(res, 'deposit-refused', { refusal: answer }, 403);
    res.redirect(303, `/deposits?created=${answer.id}`);
  });

  return router;
}
