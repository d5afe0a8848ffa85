// Lets a person see the password he types. The button is hidden in the page and appears only where this runs.
for (const button of document.querySelectorAll('button[data-show-password]')) {
  const field = document.getElementById(button.getAttribute('aria-controls'));
  if (!(field instanceof HTMLInputElement)) continue;
  const show = (visible) => {
    field.type = visible ? 'text' : 'password';
    button.textContent = visible ? button.dataset.hide : button.dataset.show;
    button.setAttribute('aria-label', visible ? button.dataset.hideLabel : button.dataset.showLabel);
  };
  show(false);
  button.hidden = false;
  button.addEventListener('click', () => show(field.type === 'password'));
  // A shown password must not be kept by the browser as an ordinary text field's history.
  field.form?.addEventListener('submit', () => show(false));
}
