const root = document.documentElement;
let colors = new Map<string, string>();

export function currentTheme(): 'light' | 'dark' {
  return root.dataset.theme === 'dark' ? 'dark' : 'light';
}

export function switchTheme(): void {
  root.dataset.theme = currentTheme() === 'dark' ? 'light' : 'dark';
  localStorage.setItem('theme', currentTheme());
  colors = new Map();
}

/** A colour of tokens.css for canvas drawing: `color('flow')`. */
export function color(token: string): string {
  const known = colors.get(token) ?? getComputedStyle(root).getPropertyValue(`--${token}`).trim();
  colors.set(token, known);
  return known;
}

/** `#2a8fb0` with an opacity. */
export function withAlpha(hex: string, alpha: number): string {
  const value = Number.parseInt(hex.slice(1), 16);
  return `rgba(${value >> 16},${(value >> 8) & 255},${value & 255},${alpha})`;
}
