import { render } from 'preact';
import './styles/base.css';
import './styles/frame.css';
import './styles/parts.css';
import './styles/shown.css';
import './styles/pages.css';
import './styles/reads.css';
import { App } from './app/app.tsx';
import { followLinks } from './app/router.ts';
import { applyTheme, readTheme } from './app/theme.ts';

applyTheme(readTheme());
followLinks();
render(<App />, document.getElementById('app')!);
