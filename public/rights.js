// The rights editor with script: find in a list, select all that is shown, live counts, and lists that follow the profile
// at once. Everything works without it; the server decides.
const editor = document.querySelector('form[data-rights-editor]');

function prepare(list) {
  const template = list.querySelector('[data-count]');
  const find = list.querySelector('[data-find]');
  const items = [...list.querySelectorAll('.rows:not(.all) [data-item]')];
  const all = list.querySelector('.rows.all input[type=checkbox]');
  if (all) all.dataset.everything = '';
  const boxOf = (item) => item.querySelector('input[type=checkbox]');
  const isTicked = (item) =>
    boxOf(item)?.checked ?? item.querySelector('[role=checkbox]').getAttribute('aria-checked') === 'true';
  const everything = list.querySelector('.rows.all [data-item]');

  if (find) {
    const none = list.querySelector('[data-none]');
    const label = list.querySelector('[data-select-shown] [data-label]');
    find.hidden = false;
    find.addEventListener('input', () => {
      const words = find.value.toLocaleLowerCase().split(/\s+/).filter(Boolean);
      for (const item of items) {
        const text = item.textContent.toLocaleLowerCase();
        item.hidden = !words.every((word) => text.includes(word));
      }
      label.textContent = words.length > 0 ? label.dataset.shown : label.dataset.all;
      none.hidden = items.some((item) => !item.hidden);
    });
    // Enter would send the form.
    find.addEventListener('keydown', (event) => {
      if (event.key === 'Enter') event.preventDefault();
    });
  }
  list.querySelector('[data-select-shown]')?.addEventListener('click', (event) => {
    event.preventDefault();
    for (const item of items) {
      const box = boxOf(item);
      if (box && !item.hidden) box.checked = true;
    }
    editor.dispatchEvent(new Event('change'));
  });

  /** Marks what differs from what stands, by the server's rule (changes.ts), and answers how much does. */
  return () => {
    const now = everything ? isTicked(everything) : false;
    const before = everything?.hasAttribute('data-held') ?? false;
    const changed = { added: 0, removed: 0 };
    const mark = (item, change) => {
      for (const tag of item.querySelectorAll('[data-tag]')) tag.hidden = tag.dataset.tag !== change;
      if (change) changed[change] += 1;
    };
    if (everything) mark(everything, now === before ? undefined : now ? 'added' : 'removed');
    for (const item of items) {
      const held = item.hasAttribute('data-held');
      const ticked = isTicked(item);
      mark(item, now || before || held === ticked ? undefined : ticked ? 'added' : 'removed');
    }
    const { template: text, all: word, total } = template.dataset;
    template.textContent = now
      ? word
      : text.replace('{ticked}', items.filter(isTicked).length).replace('{total}', total);
    return changed;
  };
}

if (editor) {
  const counts = [...editor.querySelectorAll('[data-list]')].map(prepare);
  const status = editor.querySelector('[data-changes]');
  const count = () => {
    const sums = { added: 0, removed: 0 };
    for (const one of counts) {
      const { added, removed } = one();
      sums.added += added;
      sums.removed += removed;
    }
    const text = editor.dataset.template.replace('{added}', sums.added).replace('{removed}', sums.removed);
    if (status && status.textContent !== text) status.textContent = text;
  };
  editor.addEventListener('change', count);
  for (const part of editor.querySelectorAll('[data-without-script]')) part.hidden = true;
  const follow = editor.querySelector('[data-without-script] button');
  for (const radio of editor.querySelectorAll('input[type=radio][name=profile]')) {
    // Arrow keys pass over profiles on the way to another: only a profile that stays chosen is followed.
    let waiting;
    radio.addEventListener('change', () => {
      clearTimeout(waiting);
      waiting = setTimeout(() => radio.checked && editor.requestSubmit(follow), 400);
    });
  }
  addEventListener('pageshow', count);
}

for (const question of document.querySelectorAll('form[data-why]')) {
  for (const select of question.querySelectorAll('[data-reload]')) {
    select.addEventListener('change', () => question.requestSubmit());
  }
}
