// A scripted agent on the official 2025-11-25 client. See steps.mjs for script and output.

import { LEGACY_REVISION, legacy_client } from '../support/clients.mjs';
import { run_agent } from './steps.mjs';

await run_agent(legacy_client, LEGACY_REVISION);
