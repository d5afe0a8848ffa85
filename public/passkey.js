// Passkeys (Web Authentication Level 3) for forms with data-passkey="get" or "create": the options stand in the form, the
// answer goes back in its hidden field. Where the browser cannot, the form stays hidden and nothing is missed.
const { PublicKeyCredential: Passkey } = window;
let waiting;

/** Undefined where the person closed the browser's own dialog, or another request took over. */
async function ask(form, mediation) {
  waiting?.abort();
  waiting = new AbortController();
  const options = JSON.parse(form.dataset.options);
  const { signal } = waiting;
  try {
    if (form.dataset.passkey === 'create') {
      return await navigator.credentials.create({ publicKey: Passkey.parseCreationOptionsFromJSON(options), signal });
    }
    const publicKey = Passkey.parseRequestOptionsFromJSON(options);
    return await navigator.credentials.get({ publicKey, signal, ...(mediation && { mediation }) });
  } catch (error) {
    if (!mediation && error.name !== 'AbortError') form.querySelector('[data-passkey-failed]').hidden = false;
    return undefined;
  }
}

async function answer(form, mediation) {
  const credential = await ask(form, mediation);
  if (!credential) return;
  form.elements.credential.value = JSON.stringify(credential.toJSON());
  form.submit();
}

for (const form of document.querySelectorAll('form[data-passkey]')) {
  const parse = form.dataset.passkey === 'create' ? 'parseCreationOptionsFromJSON' : 'parseRequestOptionsFromJSON';
  if (typeof Passkey?.[parse] !== 'function') continue;
  form.hidden = false;
  form.addEventListener('submit', (event) => {
    event.preventDefault();
    form.querySelector('[data-passkey-failed]').hidden = true;
    answer(form);
  });
  // The browser offers passkeys where the username is typed, and says nothing when there are none.
  if (form.hasAttribute('data-conditional') && (await Passkey.isConditionalMediationAvailable?.())) {
    answer(form, 'conditional');
  }
}
