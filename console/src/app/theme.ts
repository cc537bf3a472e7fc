// Light or dark: as the system says, until the person says otherwise on this device.
import { useState } from 'preact/hooks';

export type Theme = 'system' | 'light' | 'dark';
const KEY = 'pawl.theme';

function kept(name: string): string | null {
  try { return localStorage.getItem(name); } catch { return null; }
}

function keep(name: string, value: string): void {
  try { localStorage.setItem(name, value); } catch { /* A browser that keeps nothing: for this page only. */ }
}

export function readTheme(): Theme {
  const value = kept(KEY);
  return value === 'light' || value === 'dark' ? value : 'system';
}

export function applyTheme(theme: Theme): void {
  if (theme === 'system') delete document.documentElement.dataset['theme'];
  else document.documentElement.dataset['theme'] = theme;
}

export function useTheme(): [Theme, (next: Theme) => void] {
  const [theme, setTheme] = useState(readTheme);
  return [theme, (next) => { keep(KEY, next); applyTheme(next); setTheme(next); }];
}

export const readFlag = (name: string, otherwise: boolean): boolean => {
  const value = kept(`pawl.${name}`);
  return value === null ? otherwise : value === 'yes';
};
export const keepFlag = (name: string, value: boolean): void => keep(`pawl.${name}`, value ? 'yes' : 'no');
