import { proveInShort } from '../../support/short-proof.js';
import { forks } from './forks.js';

proveInShort(forks, 3_000);
