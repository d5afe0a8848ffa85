// Switches light and dark at once. Without it the same links work by a round trip that sets the same cookie.
const links = [...document.querySelectorAll('a[data-theme-choice]')];
for (const link of links) {
  link.addEventListener('click', (event) => {
    event.preventDefault();
    const theme = link.dataset.themeChoice;
    const secure = location.protocol === 'https:' ? '; Secure' : '';
    document.cookie = `${link.dataset.cookie}=${theme}; Path=/; Max-Age=31536000; SameSite=Lax${secure}`;
    document.documentElement.dataset.theme = theme;
    for (const other of links) other.toggleAttribute('aria-current', false);
    link.setAttribute('aria-current', 'true');
  });
}
