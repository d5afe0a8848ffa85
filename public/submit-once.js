// Keeps an impatient double click from sending a form twice. The server must be right without it.
for (const form of document.querySelectorAll('form[data-submit-once]')) {
  let sent = false;
  form.addEventListener('submit', (event) => {
    if (sent) return event.preventDefault();
    sent = true;
    event.submitter?.setAttribute('aria-disabled', 'true');
  });
  // The back button shows the page as it was left: usable again.
  addEventListener('pageshow', () => {
    sent = false;
    for (const button of form.querySelectorAll('[aria-disabled]')) button.removeAttribute('aria-disabled');
  });
}
