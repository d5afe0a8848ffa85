// Shows how far an import is, every second; when it has ended, the page as it is then. Without script the page does it itself.
const panel = document.querySelector('[data-import-progress]');

async function look() {
  try {
    const answer = await fetch(panel.dataset.importProgress, { headers: { accept: 'application/json' } });
    if (!answer.ok || answer.redirected) return location.reload();
    const { state, done, rows, text } = await answer.json();
    if (state !== panel.dataset.state) return location.reload();
    const bar = panel.querySelector('progress');
    bar.max = rows;
    bar.value = done;
    panel.querySelector('[data-text]').textContent = text;
  } catch {
    // The hub is away for a moment: the work goes on when it is back.
  }
  setTimeout(look, 1000);
}

if (panel) setTimeout(look, 1000);
