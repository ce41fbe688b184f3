// Runs before the first paint, so that a dark theme never flashes white. `src/app/theme.ts` takes over from here.
(function () {
  var theme = null;
  try {
    theme = localStorage.getItem('loro.theme');
  } catch {
    // Storage may be closed to us; the system's theme is then the right one.
  }
  if (theme !== 'light' && theme !== 'dark')
    theme = matchMedia('(prefers-color-scheme: dark)').matches ? 'dark' : 'light';
  document.documentElement.dataset.theme = theme;
})();
