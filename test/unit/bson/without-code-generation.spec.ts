import { afterAll } from '@jest/globals';
import { setCodeGeneration } from '../../../lib/bson/code-generation.js';

/** Whatever is said of documents holds without compiled code, too. */
setCodeGeneration(false);
afterAll(() => setCodeGeneration(true));

await import('./collections.spec.js');
await import('./document-codec.spec.js');
await import('./embedded.spec.js');
await import('./free-form.spec.js');
await import('./json.spec.js');
await import('./layout.spec.js');
await import('./properties.spec.js');
await import('./raw-value.spec.js');
await import('./reading.spec.js');
await import('./scalars.spec.js');
await import('./writing.spec.js');
