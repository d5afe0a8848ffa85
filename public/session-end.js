// Says two minutes before it happens that the session ends, and lets the person stay. Another tab may have been used
// meanwhile, so the hub is asked first. Without this module the session ends all the same, and one signs in to the same page.
const WARN_S = 120;
const box = document.querySelector('[data-session]');

function show(which) {
  box.hidden = which === undefined;
  for (const part of box.querySelectorAll('[data-when]')) part.hidden = part.dataset.when !== which;
}

/** Seconds left; 0: it is over; undefined: nobody knows. */
async function left() {
  try {
    const answer = await fetch(box.dataset.session, { redirect: 'manual', headers: { accept: 'application/json' } });
    if (answer.type === 'opaqueredirect' || answer.status === 401) return { endsIn: 0 };
    return answer.ok ? await answer.json() : undefined;
  } catch {
    return undefined;
  }
}

let timer;
const again = (seconds) => {
  clearTimeout(timer);
  timer = setTimeout(look, Math.max(1, seconds) * 1000);
};

async function look() {
  const state = await left();
  if (!state) return again(30);
  const { endsIn, final } = state;
  if (endsIn <= 0) return show('over');
  show(endsIn > WARN_S ? undefined : final ? 'final' : 'idle');
  again(endsIn > WARN_S ? endsIn - WARN_S : endsIn + 1);
}

if (box) {
  const form = box.querySelector('form');
  form.addEventListener('submit', async (event) => {
    event.preventDefault();
    await fetch(form.action, {
      method: 'POST',
      redirect: 'manual',
      body: new URLSearchParams(new FormData(form)),
    }).catch(() => undefined);
    await look();
  });
  box.querySelector('a').href = location.pathname + location.search;
  const endsIn = Number(box.dataset.endsIn);
  again(endsIn - WARN_S);
  // A machine that slept comes back late.
  addEventListener('visibilitychange', () => document.visibilityState === 'visible' && again(0));
}
