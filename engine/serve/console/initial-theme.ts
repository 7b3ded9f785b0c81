/** Runs before the first paint, so that no page flashes in the wrong theme. Not a module. */
{
  const asked = new URLSearchParams(location.search).get('theme');
  const kept = asked ?? localStorage.getItem('theme');
  const dark = kept === 'dark' || (kept !== 'light' && matchMedia('(prefers-color-scheme: dark)').matches);
  document.documentElement.dataset.theme = dark ? 'dark' : 'light';
}
