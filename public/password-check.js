// While a new password is typed, asks the hub which rules it meets and how hard it is to guess: the same judgement as when
// the form is sent. Without this script the form says it then.
const PAUSE_MS = 300;
const form = document.querySelector('form[data-password-check]');
const field = form?.elements.namedItem('new_password');
const shown = form?.querySelector('[data-strength]');

async function check() {
  const body = new URLSearchParams(new FormData(form));
  body.delete('confirm_password');
  body.set('check', 'yes');
  const answer = await fetch(form.action, { method: 'POST', body, headers: { accept: 'application/json' } });
  if (!answer.ok || !answer.headers.get('content-type')?.startsWith('application/json')) return;
  const { rules, strength, score } = await answer.json();
  for (const item of form.querySelectorAll('[data-rule]')) {
    const state = field.value === '' ? undefined : rules[item.dataset.rule];
    item.classList.toggle('met', state === 'met');
    item.classList.toggle('unmet', false);
    const words = item.querySelector('[data-state]');
    words.textContent = state === undefined ? '' : words.dataset[state === 'met' ? 'met' : 'open'];
  }
  shown.hidden = strength === '';
  shown.dataset.score = String(score);
  shown.querySelector('b').textContent = strength;
}

// It says all the while what the button would.
for (const plain of form?.querySelectorAll('[data-check-button]') ?? []) plain.hidden = true;

let waiting;
field?.addEventListener('input', () => {
  clearTimeout(waiting);
  waiting = setTimeout(() => void check().catch(() => undefined), PAUSE_MS);
});
