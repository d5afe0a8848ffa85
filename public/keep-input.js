// Carries what was typed over a switch of language and over a new sign-in, for this tab only. Passwords are never kept.
const key = `typed ${location.pathname}`;
const fields = () =>
  document.querySelectorAll('form[data-keep-input] :is(input[type=text], input[type=email], textarea)[name]');

const kept = sessionStorage.getItem(key);
if (kept) {
  sessionStorage.removeItem(key);
  const values = JSON.parse(kept);
  for (const field of fields()) if (typeof values[field.name] === 'string') field.value = values[field.name];
}
for (const link of document.querySelectorAll('.languages a, a[data-keep-input]')) {
  link.addEventListener('click', () => {
    sessionStorage.setItem(
      key,
      JSON.stringify(Object.fromEntries([...fields()].map((field) => [field.name, field.value]))),
    );
  });
}
