import type { JSX } from 'preact';
import type { IconName } from '../app/pages.ts';

const PATHS: Record<IconName | 'help' | 'sun' | 'moon' | 'system' | 'out' | 'copy' | 'check' | 'warn' | 'key', string> = {
  overview: 'M3 12l4-4 4 5 4-7 6 8M3 19h18',
  approvals: 'M9 12l2 2 4-5M12 3l7 3v5c0 4.5-3 8.3-7 10-4-1.7-7-5.5-7-10V6z',
  workflows: 'M6 5m-2 0a2 2 0 1 0 4 0a2 2 0 1 0-4 0M18 12m-2 0a2 2 0 1 0 4 0a2 2 0 1 0-4 0M6 19m-2 0a2 2 0 1 0 4 0a2 2 0 1 0-4 0M8 5h4l4 6M8 19h4l4-6',
  agents: 'M7 9h10v9H7zM12 5v4M9.5 13v.5M14.5 13v.5M4 12v3M20 12v3',
  servers: 'M4 5h16v6H4zM4 13h16v6H4zM7.5 8h.01M7.5 16h.01',
  rules: 'M5 4h14v16H5zM8.5 9h7M8.5 13h7M8.5 17h4',
  ledger: 'M5 4h11l3 3v13H5zM8 4v16M11 10h5M11 14h5',
  audit: 'M12 8m-3 0a3 3 0 1 0 6 0a3 3 0 1 0-6 0M5 20c0-4 3-6.5 7-6.5s7 2.5 7 6.5',
  account: 'M8 11m-4 0a4 4 0 1 0 8 0a4 4 0 1 0-8 0M12 11h9M18 11v4M21 11v3',
  key: 'M8 11m-4 0a4 4 0 1 0 8 0a4 4 0 1 0-8 0M12 11h9M18 11v4M21 11v3',
  help: 'M9.2 9a2.8 2.8 0 1 1 4 2.6c-.8.4-1.2 1-1.2 1.9M12 17h.01M12 3a9 9 0 1 0 0 18a9 9 0 1 0 0-18',
  sun: 'M12 8a4 4 0 1 0 0 8a4 4 0 1 0 0-8M12 2v2M12 20v2M4.9 4.9l1.4 1.4M17.7 17.7l1.4 1.4M2 12h2M20 12h2M4.9 19.1l1.4-1.4M17.7 6.3l1.4-1.4',
  moon: 'M20 14.5A8.5 8.5 0 1 1 9.5 4a7 7 0 0 0 10.5 10.5z',
  system: 'M4 5h16v11H4zM9 20h6M12 16v4',
  out: 'M14 4h5v16h-5M10 8l-4 4 4 4M6 12h9',
  copy: 'M9 9h10v11H9zM15 9V4H5v11h4',
  check: 'M5 12.5l4.5 4.5L19 7',
  warn: 'M12 4l9 16H3zM12 10v4M12 17h.01',
};

export type Icon = keyof typeof PATHS;

export function Icon({ name }: { name: Icon }): JSX.Element {
  return (
    <svg class="icon" viewBox="0 0 24 24" aria-hidden="true" fill="none" stroke="currentColor" stroke-width="1.8"
      stroke-linecap="round" stroke-linejoin="round"><path d={PATHS[name]} /></svg>
  );
}
