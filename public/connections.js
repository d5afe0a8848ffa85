// Copies values at a click, and shows whether the directory's requests arrive, every few seconds. Without script the values can
// be taken with a click and the page shows itself anew.
for (const button of document.querySelectorAll('button[data-copy]')) {
  if (!navigator.clipboard) break;
  button.hidden = false;
  const [word] = button.childNodes;
  const said = word.textContent;
  button.addEventListener('click', async () => {
    await navigator.clipboard.writeText(button.dataset.copy);
    word.textContent = button.dataset.copied;
    setTimeout(() => (word.textContent = said), 2000);
  });
}

const panel = document.querySelector('[data-connection-state]');
// A secret that is shown this once must not be lost by showing the page anew.
const mayReload = () => !document.querySelector('[data-secret]') && !document.activeElement?.closest('form');

async function look() {
  try {
    const answer = await fetch(panel.dataset.connectionState, { headers: { accept: 'application/json' } });
    if (!answer.ok || answer.redirected) {
      if (mayReload()) return location.reload();
    } else {
      const { state, text } = await answer.json();
      if (state !== panel.dataset.state && mayReload()) return location.reload();
      const words = panel.querySelector('[data-text]');
      if (words.textContent !== text) words.textContent = text;
    }
  } catch {
    // The hub is away for a moment.
  }
  setTimeout(look, 5000);
}

if (panel) setTimeout(look, 5000);
