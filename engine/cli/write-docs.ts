import { writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { renderDocPages } from './doc-pages.ts';

// Run as `npm run docs`: writes the generated pages of docs/ anew.
for (const [name, text] of renderDocPages()) writeFileSync(resolve(import.meta.dirname, '../../docs', name), text);
