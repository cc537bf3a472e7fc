// A scripted agent on the official 2026-07-28 client. See steps.mjs for script and output.

import { MODERN_REVISION, modern_client } from '../support/clients.mjs';
import { run_agent } from './steps.mjs';

await run_agent(modern_client, MODERN_REVISION);
